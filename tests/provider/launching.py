"""Launch tokens as a student information system signs them, right or wrong; it knows no page."""

from __future__ import annotations

import hmac
import json
import secrets
from datetime import UTC, datetime
from typing import Any

from tests.provider.cases import GONE
from tests.provider.harness import LAUNCH_ISSUER, LAUNCH_SECRET, PUBLIC
from tests.provider.hostile import Json, b64


def launch_claims(now: int | None = None, **changes: Any) -> Json:
    """Return the claims of a right token, but for these."""
    moment = now if now is not None else int(datetime.now(UTC).timestamp())  # noqa: TID251  # the other system's clock
    right = {
        "iss": LAUNCH_ISSUER,
        "aud": PUBLIC,
        "iat": moment,
        "exp": moment + 60,
        "jti": secrets.token_hex(8),
        "sub": "u-1001",
        "email": "anja@school.example",
        "pupil": "p-7",
        "name": "Sem de Boer",
        "dob": "2017-03-04",
        "group": "5b",
    }
    return {name: value for name, value in (right | changes).items() if value is not GONE}


def hs256(header: Json, payload: bytes, secret: str = LAUNCH_SECRET) -> str:
    """Return a token signed with a shared secret."""
    text = f"{b64(json.dumps(header).encode())}.{b64(payload)}"
    return f"{text}.{b64(hmac.digest(secret.encode(), text.encode(), 'sha256'))}"


def launch_token(now: int | None = None, **changes: Any) -> str:
    """Return a right token, but for these claims. An address goes with its user."""
    if "email" not in changes and "sub" in changes and changes["sub"] is not GONE:
        changes["email"] = f"{changes['sub']}@school.example"
    return hs256({"alg": "HS256", "typ": "JWT"}, json.dumps(launch_claims(now, **changes)).encode())
