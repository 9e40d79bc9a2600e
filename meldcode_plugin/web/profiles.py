"""What each kind of OpenID provider means by its claims: whose account, which school, staff or not; no network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from meldcode_plugin.errors import SignInRefused
from meldcode_plugin.settings import Settings
from meldcode_plugin.web.verify import Json, text

BRIN = 4
"""Characters of a school's number; two more name one of its locations."""


def _equal(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def same_school(one: str, other: str) -> bool:
    """Compare two BRINs of 4 or 6 characters: the school, and the location when both name one."""
    one, other = one.upper(), other.upper()
    length = BRIN if BRIN in (len(one), len(other)) else max(len(one), len(other))
    return len(one) >= BRIN and one[:length] == other[:length]


@dataclass(frozen=True)
class Profile:
    """One kind of provider.

    ``account``: the claim that names a person for ever. ``home``: the claim that names whose person that is.
    ``only_userinfo``: nothing but who it is stands in the ID token. ``also``: claims by the names that we use.
    """

    account: str = "sub"
    home: str | None = None
    same_home: Callable[[str, str], bool] = _equal
    only_userinfo: bool = False
    refused: frozenset[str] = frozenset()
    """Whoever is this as well is refused, whatever else they are."""
    also: dict[str, str] = field(default_factory=dict)


PROFILES = {
    "generic": Profile(),
    "keycloak": Profile(),
    # ``sub`` differs per application, ``oid`` is the person in the tenant ``tid``; mail and upn can be changed.
    "entra": Profile(account="oid", home="tid"),
    "google": Profile(home="hd"),
    "entree": Profile(
        account="uid",
        home="nlEduPersonHomeOrganizationId",
        same_home=same_school,
        only_userinfo=True,
        refused=frozenset({"student"}),
        also={"givenName": "given_name", "sn": "family_name", "mail": "email"},
    ),
    "surfconext": Profile(home="schac_home_organization", refused=frozenset({"student"})),
}


def of(settings: Settings) -> Profile:
    """Return the profile of the school's provider."""
    return PROFILES[settings.oidc_profile]


def issuers(settings: Settings) -> tuple[str, ...]:
    """Return how else this provider writes its issuer in a token: Google leaves out ``https://`` at times."""
    return (settings.oidc_issuer.partition("://")[2],) if settings.oidc_profile == "google" else ()


def read(claims: Json, settings: Settings) -> Json:
    """Return the claims under the names that we use, with ``sub`` the account; refuse whom this school has not.

    Raises `SignInRefused`: ``account`` without the claim that names the person, ``home`` for another school's
    people, ``groups_overage`` when Entra left the groups out, ``staff`` for whoever is no member of staff.
    """
    profile = of(settings)
    found = {profile.also.get(name, name): value for name, value in claims.items()}
    if profile.home is not None and not _at_home(found.get(profile.home), profile, settings.home):
        raise SignInRefused("home")
    if settings.staff_claim in _claim_names(found) and settings.staff_claim not in found:
        raise SignInRefused("groups_overage")
    if not is_staff(found, settings):
        raise SignInRefused("staff")
    account = text(_one(found.get(profile.account)), "account")
    return found | {"sub": account}


def _one(value: object) -> object:
    """Return the value; a list of one stands for its member, as federations write it."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _at_home(value: object, profile: Profile, homes: Iterable[str]) -> bool:
    found = _one(value)
    return isinstance(found, str) and any(profile.same_home(found, home) for home in homes)


def _claim_names(claims: Json) -> Json:
    named = claims.get("_claim_names")
    return named if isinstance(named, dict) else {}


def is_staff(claims: Json, settings: Settings) -> bool:
    """Tell whether the claims make somebody a member of staff; what is unknown means no."""
    if settings.oidc_profile == "google":
        return _mail_of_staff(claims, settings.staff_values)
    held = held_values(claims, settings.staff_claim)
    if settings.oidc_profile == "keycloak":  # a group comes with its path
        held = {value.removeprefix("/") for value in held}
    return bool(held & set(settings.staff_values)) and not held & of(settings).refused


def held_values(claims: Json, name: str) -> set[str]:
    """Return the texts in a claim (one, or a list); ``a.b`` is also the member b of the claim a."""
    value: object = claims.get(name)
    if value is None and "." in name:
        value = claims
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
    values = value if isinstance(value, list) else [value]
    return {one for one in values if isinstance(one, str)}


def _mail_of_staff(claims: Json, domains: Iterable[str]) -> bool:
    """Google says nothing of roles: staff is whose verified address is in a domain that pupils do not have."""
    mail = claims.get("email")
    if not isinstance(mail, str) or claims.get("email_verified") is not True:
        return False
    return mail.rpartition("@")[2].casefold() in {domain.casefold().lstrip("@") for domain in domains}
