"""The school's OpenID provider: canaille, which none of us wrote, with the people and clients of the demo.

Run it with one process: canaille keeps half-done sign-ins in its own memory.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from flask import Flask

from meldcode_demo.people import ACCOUNTS, Account
from meldcode_demo.town import SETTINGS
from meldcode_memory import SCHOOL_NAME


def create() -> Flask:
    """Make canaille with its database up to date, and with the people and the two clients in it."""
    settings = json.loads(Path(os.environ[SETTINGS]).read_text())
    app: Flask = create_app(config=_config(settings["PROVIDER"]))
    with app.app_context(), Backend.instance.session():
        for account in ACCOUNTS:
            _person(account)
        for name in sorted({account.group for account in ACCOUNTS}):
            _group(name)
        home = settings["SIS_URL"]
        sis, meldcode = settings["SIS_CLIENT_SECRET"], settings["MELDCODE_OIDC_CLIENT_SECRET"]
        _client("leerlingsysteem", sis, home, "/aangemeld", "/uitgelogd")
        _client("meldcode", meldcode, home, "/meldcode/aanmelden/terug", "/meldcode/afgemeld")
    return app


def _config(provider: dict[str, Any]) -> dict[str, Any]:
    return {
        "SECRET_KEY": provider["secret"],
        "SERVER_NAME": provider["address"],
        "PREFERRED_URL_SCHEME": "http",
        # What is not said here, canaille reads from the surroundings.
        "DEBUG": False,
        "BROKER_URL": None,
        "SESSION_TYPE": None,
        "CANAILLE_SQL": {"DATABASE_URI": provider["database"]},
        "CANAILLE": {
            "NAME": SCHOOL_NAME,
            "LOGO": None,
            "DATABASE": "sql",
            # Left out, canaille looks for a mail server at port 25 of this machine.
            "SMTP": None,
            "ENABLE_PASSWORD_RECOVERY": False,
            "CAPTCHA_ENABLED": False,
            # Nobody may change the number that is their 'sub', so nobody may change anything.
            "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"], "READ": ["user_name"], "WRITE": []}},
        },
        "CANAILLE_OIDC": {
            "ACTIVE_JWKS": [provider["key"]],
            # Clients at these hosts need no consent page: the school decides here, not the teacher.
            "TRUSTED_DOMAINS": [provider["host"]],
            "USERINFO_MAPPING": {"SUB": "{{ user.employee_number }}"},
        },
    }


def _person(account: Account) -> None:
    if Backend.instance.get(models.User, user_name=account.login):
        return
    given, _, family = account.name.partition(" ")
    Backend.instance.save(
        models.User(
            user_name=account.login,
            employee_number=account.subject,
            formatted_name=account.name,
            given_name=given,
            family_name=family,
            emails=[account.email],
            password=account.password,
        )
    )


def _group(name: str) -> None:
    members = [Backend.instance.get(models.User, user_name=one.login) for one in ACCOUNTS if one.group == name]
    group = Backend.instance.get(models.Group, display_name=name) or models.Group(display_name=name)
    Backend.instance.update(group, members=members)
    Backend.instance.save(group)


def _client(client_id: str, secret: str, home: str, signed_in: str, signed_out: str) -> None:
    client = Backend.instance.get(models.Client, client_id=client_id) or models.Client(client_id=client_id)
    Backend.instance.update(
        client,
        client_name=client_id.capitalize(),
        client_secret=secret,
        client_uri=home,
        redirect_uris=[home + signed_in],
        post_logout_redirect_uris=[home + signed_out],
        grant_types=["authorization_code"],
        response_types=["code"],
        scope=["openid", "profile", "email", "groups"],
        token_endpoint_auth_method="client_secret_basic",  # noqa: S106  # the name of a method
        # Left out, canaille takes RS512, which the plugin does not accept.
        id_token_signed_response_alg="RS256",  # noqa: S106  # the name of an algorithm
    )
    Backend.instance.save(client)
    if client not in client.audience:
        # Left out, canaille sends an empty 'aud'.
        Backend.instance.update(client, audience=[client])
        Backend.instance.save(client)
