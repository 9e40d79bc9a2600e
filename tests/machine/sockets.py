"""Refuses every way out of this machine, so that no test can talk to a stranger; it knows no server."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

NEAR = {"localhost", "", None}


class WayOutClosed(RuntimeError):
    """A test tried to reach another machine."""


def _is_near(host: Any) -> bool:
    if host in NEAR:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check(host: Any) -> None:
    if not _is_near(host):
        raise WayOutClosed(f"a test tried to reach {host}: only loopback and unix sockets are open")


def pytest_configure(config: pytest.Config) -> None:
    """Close the ways out for the whole run: names, connections and datagrams."""
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def near_connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            _check(address[0])
        connect(self, address)

    def near_connect_ex(self: socket.socket, address: Any) -> int:
        if self.family != socket.AF_UNIX:
            _check(address[0])
        return connect_ex(self, address)

    def near_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        _check(host)
        return look_up(host, *args, **kwargs)

    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    patch.setattr(socket.socket, "connect", near_connect)
    patch.setattr(socket.socket, "connect_ex", near_connect_ex)
    patch.setattr(socket, "getaddrinfo", near_look_up)
