"""A small OneRoster server for tests: 1.1 or 1.2 as written, or with a real one's manners, and faults to order.

``python -m tests.integrations.server 2000 5000`` serves a school of that size until it is stopped.
"""

from __future__ import annotations

import base64
import json
import ssl
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.integrations.school import SCHOOL, TownSchool

SCOPES = "https://purl.imsglobal.org/spec/or/{}/scope/{}.readonly"
CLIENT, SECRET = "meldcode:beer", "geheim/van+de:school"
BASE = {"1.2": "/ims/oneroster/rostering/v1p2", "1.1": "/ims/oneroster/v1p1"}
CORE = ("students", "teachers", "users", "orgs", "schools", "classes", "enrollments")


@dataclass
class Manners:
    """How the server behaves. As made it does what the standard says."""

    version: str = "1.2"
    nested: bool = True
    totals: bool = True
    clamp: int = 100_000
    real: bool = False
    """As the recorded server: relative href, ``demographic``, ``agentSourceIds``, null ``userIds``, no nested paths."""
    status: dict[str, list[int]] = field(default_factory=dict)
    """Per collection the statuses that come first, each once; 0 hangs up."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers beside such a status."""
    always: int = 0
    """A status that everything but the token gets."""
    silence: float = 0.0
    drip: float = 0.0
    loop: bool = False
    none: bool = False
    half: bool = False
    foreign: bool = False
    bodies: bytes | None = None
    """What stands in the place of every answer."""
    latin: bool = False
    redirect: str = ""
    token_seconds: int = 3600
    refused_scopes: tuple[str, ...] = ()

    @classmethod
    def real_ones(cls, **more: Any) -> Self:
        """The manners that were recorded at a real server."""
        return cls(nested=False, totals=False, clamp=500, real=True, **more)


class RosterServer:
    """Serves one school on loopback; `manners` may change while it runs, `asked` is what it was asked."""

    def __init__(self, school: TownSchool, manners: Manners | None = None, certificate: Path | None = None) -> None:
        """Start at once, on a free port."""
        self.school, self.manners = school, manners or Manners()
        self.asked: list[str] = []
        self.tokens: dict[str, tuple[float, str]] = {}
        handler = type("Handler", (_Handler,), {"roster": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://localhost:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def options(self, **more: Any) -> dict[str, Any]:
        """Return what an adapter needs to reach this server."""
        return {
            "base_url": self.url + BASE[self.manners.version],
            "token_url": self.url + "/token",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "school": SCHOOL,
            "version": self.manners.version,
        } | more

    def stop(self) -> None:
        """Stop serving."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def __enter__(self) -> Self:
        """Serve."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def collection(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a collection, as this server would write them."""
        manners = self.manners
        rows = self.school.rows(name, manners.version, real=manners.real, foreign=manners.foreign)
        if name == "students" and manners.none:
            return []
        return rows[: len(rows) // 2] if manners.half else rows


class _Handler(BaseHTTPRequestHandler):
    """One question."""

    roster: RosterServer
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the standard library
        """Stay silent."""

    def do_POST(self) -> None:
        """Hand out a token."""
        form = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()))
        self.roster.asked.append("token")
        if self._first_fault("token"):
            return
        given = base64.b64decode(self.headers.get("Authorization", "")[6:]).decode()
        user, _, password = given.partition(":")
        scopes = form.get("scope", "").split()
        right = (unquote(user), unquote(password)) == (CLIENT, SECRET)
        if not right or form.get("grant_type") != "client_credentials" or set(scopes) & set(self._refused()):
            self._send(401, {"error": "invalid_client"})
            return
        token = f"t{len(self.roster.tokens)}-{time.monotonic_ns()}"
        self.roster.tokens[token] = (time.monotonic() + self.roster.manners.token_seconds, " ".join(scopes))
        body = {"access_token": token, "token_type": "bearer", "expires_in": self.roster.manners.token_seconds}
        self._send(200, body)

    def _refused(self) -> list[str]:
        version = BASE[self.roster.manners.version][-4:]
        return [SCOPES.format(version, one) for one in self.roster.manners.refused_scopes]

    def do_GET(self) -> None:
        """Answer, or be as bad as was ordered."""
        manners = self.roster.manners
        parts = urlsplit(self.path)
        base = BASE[manners.version] + "/"
        path = parts.path.removeprefix(base)
        names = [unquote(one) for one in path.split("/")]
        self.roster.asked.append(path)
        if manners.silence:
            time.sleep(manners.silence)
        if self._is_bad(names[0]):
            return
        if not parts.path.startswith(base):
            self._fault(404)
        elif (status := self._refusal(names)) != 200:
            self._fault(status)
        else:
            self._answer(names, dict(parse_qsl(parts.query)))

    def _is_bad(self, name: str) -> bool:
        manners = self.roster.manners
        if manners.redirect:
            self._send(302, {}, {"Location": manners.redirect})
        elif manners.always:
            self._fault(manners.always)
        elif manners.bodies is not None:
            self._raw(200, manners.bodies, {})
        else:
            return self._first_fault(name)
        return True

    def _first_fault(self, name: str) -> bool:
        waiting = self.roster.manners.status.get(name, [])
        if not waiting:
            return False
        status = waiting.pop(0)
        if status:
            self._send(status, {}, self.roster.manners.headers)
        else:
            self.close_connection = True
        return True

    def _refusal(self, names: list[str]) -> int:
        """Say whether the token may read this."""
        until, scopes = self.roster.tokens.get(self.headers.get("Authorization", "")[7:], (0.0, ""))
        if until < time.monotonic():
            return 401
        version = BASE[self.roster.manners.version][-4:]
        wanted = "roster-demographics" if names[0] == "demographics" else "roster" if len(names) > 2 else "roster-core"
        return 200 if SCOPES.format(version, wanted) in scopes.split() else 403

    def _answer(self, names: list[str], query: dict[str, str]) -> None:
        found = self._nested(names) if len(names) == 3 else None
        if len(names) == 1 and names[0] in (*CORE, "demographics"):
            self._page(names[0], self.roster.collection(names[0]), query)
        elif len(names) == 2 and names[0] in (*CORE, "demographics"):
            self._one(names[0], names[1])
        elif found is not None and self.roster.manners.nested:
            self._page(names[2], found, query)
        else:
            self._fault(404)

    def _nested(self, names: list[str]) -> list[dict[str, Any]] | None:
        rows = self.roster.collection
        if names[0] == "schools" and names[2] == "students":
            return [row for row in rows("students") if names[1] in json.dumps(row)]
        if names[0] == "students" and names[2] == "classes":
            mine = {row["class"]["sourcedId"] for row in rows("enrollments") if row["user"]["sourcedId"] == names[1]}
            return [row for row in rows("classes") if row["sourcedId"] in mine]
        return None

    def _page(self, name: str, rows: list[dict[str, Any]], query: dict[str, str]) -> None:
        manners = self.roster.manners
        limit = min(int(query.get("limit", 100)), manners.clamp)
        offset = 0 if manners.loop else int(query.get("offset", 0))
        if query.get("sort") == "sourcedId":
            rows = sorted(rows, key=lambda row: str(row["sourcedId"]))
        wrapper = {"students": "users", "teachers": "users", "schools": "orgs"}.get(name, name)
        headers = {"X-Total-Count": str(len(rows) * 3)} if manners.totals else {}
        self._send(200, {wrapper: rows[offset : offset + limit]}, headers)

    def _one(self, name: str, row_id: str) -> None:
        row = next((one for one in self.roster.collection(name) if one["sourcedId"] == row_id), None)
        if row is None:
            self._fault(404)
            return
        single = {"students": "user", "teachers": "user", "users": "user", "schools": "org", "orgs": "org"}
        plural = "demographic" if self.roster.manners.real else "demographics"
        self._send(200, {single.get(name, plural if name == "demographics" else name[:-1]): row})

    def _fault(self, status: int) -> None:
        body = {"imsx_codeMajor": "failure", "imsx_severity": "error", "imsx_description": "No."}
        self._send(status, body, self.roster.manners.headers)

    def _send(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        text = json.dumps(body, ensure_ascii=False)
        self._raw(status, text.encode("iso8859-2" if self.roster.manners.latin else "utf-8"), headers or {})

    def _raw(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        try:
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json"} | headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            for at in range(0, len(data), 16) if self.roster.manners.drip else ():
                self.wfile.write(data[at : at + 16])
                time.sleep(self.roster.manners.drip)
            if not self.roster.manners.drip:
                self.wfile.write(data)
        except OSError:
            self.close_connection = True


def certificate(folder: Path, *, days: int) -> Path:
    """Write a certificate of its own for localhost, with its key, valid until so many days from now."""
    from cryptography import x509  # noqa: PLC0415  # only these tests make certificates
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415  # idem
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  # idem

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)  # noqa: TID251  # TLS looks at this clock
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"certificate{days}.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


if __name__ == "__main__":
    with RosterServer(TownSchool(int(sys.argv[1]), int(sys.argv[2])), Manners.real_ones()) as running:
        print(json.dumps(running.options()), flush=True)
        threading.Event().wait()
