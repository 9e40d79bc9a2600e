"""An OpenID provider on loopback that answers by the book, until a mutation makes it lie; it knows no client code."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask, Response, redirect, request
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from werkzeug.serving import BaseWSGIServer, make_server

Json = dict[str, Any]
Mutation = Callable[["Provider", Any], Any]
CLIENT, SECRET = "meldcode", "a client secret of a test, long enough"
SUBJECT = "u-1001"


def b64(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(header: Json, payload: bytes, signature: bytes = b"") -> str:
    """Return three parts with dots, signed by nobody or by the caller."""
    return ".".join((b64(json.dumps(header).encode()), b64(payload), b64(signature)))


def rs256(header: bytes, payload: bytes) -> str:
    """Return a token with these very bytes, signed with the key of `RSA_A`."""
    text = f"{b64(header)}.{b64(payload)}"
    return f"{text}.{b64(RSA_A.private_key.sign(text.encode(), PKCS1v15(), SHA256()))}"


def half_hash(token: str) -> str:
    """Return at_hash of an access token for the algorithms with SHA-256."""
    return b64(hashlib.sha256(token.encode()).digest()[:16])


@dataclass(frozen=True)
class Granted:
    """A code that was given out, with what the client asked."""

    nonce: str
    challenge: str
    redirect_uri: str


RSA_A, RSA_B, RSA_EVIL = (RSAKey.generate_key(2048, auto_kid=True) for _ in range(3))
EC_A = ECKey.generate_key("P-256", auto_kid=True)


@dataclass
class Provider:
    """One provider. ``mutations`` maps the name of an answer to what is done to it before it goes out.

    Names: discovery, jwks, header, claims, signed, token, userinfo, callback (values), and
    http_discovery, http_jwks, http_token, http_userinfo (whole answers instead).
    """

    clock: Callable[[], datetime]
    mutations: dict[str, Mutation] = field(default_factory=dict)
    keys: list[Any] = field(default_factory=lambda: [RSA_A])
    alg: str = "RS256"
    signer: Any = field(default_factory=lambda: RSA_A)
    session: bool = True
    checks_pkce: bool = True
    extra_claims: Json = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    asked: list[Json] = field(default_factory=list)
    codes: dict[str, Granted] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    elsewhere: Json = field(default_factory=dict)
    issuer: str = ""
    server: BaseWSGIServer | None = None

    def reset(self) -> None:
        """Answer by the book again, with one RSA key, and forget every login."""
        issuer, server = self.issuer, self.server
        self.__init__(self.clock)  # type: ignore[misc]  # the simplest way to every default
        self.issuer, self.server = issuer, server

    def start(self, tls: ssl.SSLContext | None = None) -> Provider:
        """Listen on a free port of loopback, in a thread."""
        self.server = make_server("127.0.0.1", 0, self._app(), threaded=True, ssl_context=tls)
        self.issuer = f"{'https' if tls else 'http'}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop listening."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()

    def now(self) -> int:
        """Return the provider's time in seconds since 1970."""
        return int(self.clock().timestamp())

    def changed(self, name: str, value: Any) -> Any:
        """Return the value after its mutation, when there is one."""
        return self.mutations[name](self, value) if name in self.mutations else value

    def sign(self, header: Json, claims: Json | bytes) -> str:
        """Return a token signed by ``signer``."""
        payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
        registry.max_header_length = 65536
        return jws.serialize_compact(header, payload, self.signer, registry=registry)

    def id_token(self, nonce: str, access_token: str) -> str:
        """Return an ID token for one login."""
        claims = {
            "iss": self.issuer,
            "sub": SUBJECT,
            "aud": CLIENT,
            "iat": self.now(),
            "exp": self.now() + 300,
            "nonce": nonce,
            "at_hash": half_hash(access_token),
            "name": "Anja de Vries",
            "email": "anja@school.example",
            "email_verified": True,
            "groups": ["medewerkers"],
            "sid": "session-7",
        } | self.extra_claims
        return self.token_of(self.changed("claims", claims))

    def token_of(self, claims: Json | bytes, typ: str | None = "JWT") -> str:
        """Return the claims in a token as this provider signs it now."""
        header = {"alg": self.alg, "kid": self.signer.kid} | ({"typ": typ} if typ else {})
        header = self.changed("header", header)
        if "signed" in self.mutations:
            return str(self.mutations["signed"](self, (header, claims)))
        return self.sign(header, claims)

    def logout_claims(self) -> Json:
        """Return the claims of a right logout token for the session of `id_token`."""
        return {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": self.now(),
            "exp": self.now() + 120,
            "jti": secrets.token_hex(8),
            "sub": SUBJECT,
            "sid": "session-7",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        }

    # --- answers -------------------------------------------------------------------------------

    def _discovery(self) -> Any:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": self.issuer + "/authorize",
            "token_endpoint": self.issuer + "/token",
            "jwks_uri": self.issuer + "/jwks",
            "userinfo_endpoint": self.issuer + "/userinfo",
            "end_session_endpoint": self.issuer + "/logout",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "none"],
            "code_challenge_methods_supported": ["S256"],
        }
        return self._answer("discovery", found)

    def _jwks(self) -> Any:
        keys = [key if isinstance(key, dict) else key.as_dict(private=False) for key in self.keys]
        return self._answer("jwks", {"keys": keys})

    def _authorize(self) -> Any:
        self.asked.append(dict(request.args))
        back, answer = request.args["redirect_uri"], {"state": request.args["state"]}
        if request.args.get("prompt") == "none" and not self.session:
            answer["error"] = "login_required"
        else:
            answer["code"] = secrets.token_hex(16)
            self.codes[answer["code"]] = Granted(request.args["nonce"], request.args["code_challenge"], back)
        answer = self.changed("callback", answer)
        return redirect(back + "?" + urlencode(answer, doseq=True))

    def _token(self) -> Any:
        login = request.authorization
        granted = self.codes.pop(request.form.get("code", ""), None)
        proof = b64(hashlib.sha256(request.form.get("code_verifier", "").encode()).digest())
        known = login is not None and (login.username, login.password) == (CLIENT, SECRET)
        if granted is None or not known or (self.checks_pkce and proof != granted.challenge):
            return Response('{"error": "invalid_grant"}', 400, mimetype="application/json")
        access = secrets.token_hex(16)
        self.tokens.add(access)
        found = {"access_token": access, "token_type": "Bearer", "expires_in": 300}
        found["id_token"] = self.id_token(granted.nonce, access)
        return self._answer("token", found)

    def _userinfo(self) -> Any:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return Response("", 401)
        return self._answer("userinfo", {"sub": SUBJECT, "name": "Anja de Vries", "groups": ["medewerkers"]})

    def _answer(self, name: str, value: Json) -> Any:
        self.calls.append(name)
        if f"http_{name}" in self.mutations:
            return self.mutations[f"http_{name}"](self, value)
        value = self.changed(name, value)
        body = value if isinstance(value, str) else json.dumps(value)
        return Response(body, mimetype="application/json")

    def _app(self) -> Flask:
        app = Flask("hostile_provider")
        app.add_url_rule("/.well-known/openid-configuration", view_func=self._discovery, endpoint="discovery")
        app.add_url_rule("/jwks", view_func=self._jwks, endpoint="jwks")
        app.add_url_rule("/authorize", view_func=self._authorize, endpoint="authorize")
        app.add_url_rule("/token", view_func=self._token, endpoint="token", methods=["POST"])
        app.add_url_rule("/userinfo", view_func=self._userinfo, endpoint="userinfo")
        app.add_url_rule("/evil-jwks", view_func=lambda: {"keys": [RSA_EVIL.as_dict(private=False)]}, endpoint="evil")
        app.add_url_rule("/elsewhere", view_func=lambda: self.elsewhere, endpoint="elsewhere")
        return app
