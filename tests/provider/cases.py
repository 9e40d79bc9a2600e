"""What one hostile or benign sign-in is, and how it is driven through the real pages; it holds no list."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.provider.harness import Browser, World
from tests.provider.hostile import Json, Mutation, Provider

Drive = Callable[[World, Browser], None]
GONE = object()
"""As the value of a member: the member is left out."""


def plain(_: World, browser: Browser) -> None:
    """Sign in as a teacher does."""
    browser.sign_in()


def fresh(_: World, browser: Browser) -> None:
    """Sign in because a page asks for a fresh sign-in (``max_age`` and ``acr``)."""
    browser.sign_in("/meldcode/aanmelden?opnieuw=1")


@dataclass(frozen=True)
class Case:
    """One sign-in: what the provider does otherwise, and how the browser goes."""

    group: str
    name: str
    mutations: dict[str, Mutation] = field(default_factory=dict)
    drive: Drive = plain
    prepare: Callable[[Provider], None] = lambda _: None
    may_be_a_fault: bool = False
    """Whether the provider itself breaks down in this case."""

    def accepted(self, world: World) -> bool:
        """Tell whether a session with a user came into being that was not there before."""
        browser, before = world.fresh(), world.sign_ins()
        world.provider.mutations.update(self.mutations)
        self.prepare(world.provider)
        self.drive(world, browser)
        return bool(world.sign_ins() - before)


def _with(value: Json, changes: Json) -> Json:
    merged = value | changes
    return {name: member for name, member in merged.items() if member is not GONE}


def change(**changes: Any) -> Mutation:
    """Set members of an answer; a callable gets the provider."""

    def mutate(provider: Provider, value: Json) -> Json:
        return _with(value, {k: v(provider) if callable(v) else v for k, v in changes.items()})

    return mutate


def claims(**changes: Any) -> dict[str, Mutation]:
    """Change the claims of the ID token."""
    return {"claims": change(**changes)}


def header(**changes: Any) -> dict[str, Mutation]:
    """Change the header of the ID token, before it is signed."""
    return {"header": change(**changes)}


def token(**changes: Any) -> dict[str, Mutation]:
    """Change the token response."""
    return {"token": change(**changes)}


def discovery(**changes: Any) -> dict[str, Mutation]:
    """Change the discovery document."""
    return {"discovery": change(**changes)}


def callback(**changes: Any) -> dict[str, Mutation]:
    """Change what the browser brings back."""
    return {"callback": change(**changes)}


def later(seconds: float) -> Callable[[Provider], int]:
    """Return the provider's time plus so many seconds."""
    return lambda provider: int(provider.now() + seconds)


def unguessable() -> str:
    """Return a value that nobody asked for."""
    return secrets.token_urlsafe(32)
