"""Seals and opens bytes; it knows keys as bytes and no table. With `blobs` the only importer of cryptography."""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from meldcode_plugin.errors import KeyUnavailable, TamperedData

KEY_BYTES = 32
INDEX_BYTES = 16
_FORMAT, _AES_256_GCM = 1, 1
_HEADER = struct.Struct(">BBH12s")
_LENGTH = struct.Struct(">I")
_BUCKET = 256
_SHA256 = SHA256()
_SHORT = {length: _LENGTH.pack(length) for length in range(_BUCKET)}

Bound = str | bytes | int


def new_key() -> bytes:
    """Return 32 bytes from the operating system's random source."""
    return os.urandom(KEY_BYTES)


def canonical(*parts: Bound) -> bytes:
    """Join the parts so that no two different lists give the same bytes: each has its length before it."""
    out: list[bytes] = []
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        length = len(data)
        out.append(_SHORT[length] if length < _BUCKET else _LENGTH.pack(length))
        out.append(data)
    return b"".join(out)


def subkey(key: bytes, info: str) -> bytes:
    """Derive a key for one use (HKDF-SHA256, RFC 5869); the parent key itself seals nothing."""
    return HKDF(_SHA256, KEY_BYTES, None, info.encode()).derive(key)


def mac(key: bytes, *parts: Bound) -> bytes:
    """Return HMAC-SHA256 (RFC 2104) over the canonical form of the parts."""
    return hmac.digest(key, canonical(*parts), "sha256")


def same(one: bytes, other: bytes) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(one, other)


def digest(data: bytes) -> bytes:
    """Return SHA-256 of the bytes."""
    return hashlib.sha256(data).digest()


def pad(plain: bytes) -> bytes:
    """Hide the exact length: a length prefix and zeros up to a multiple of 256 bytes."""
    filled = _LENGTH.pack(len(plain)) + plain
    return filled + bytes(-len(filled) % _BUCKET)


def unpad(padded: bytes) -> bytes:
    """Undo `pad`."""
    (length,) = _LENGTH.unpack_from(padded)
    return padded[_LENGTH.size : _LENGTH.size + length]


class Segments:
    """The cipher of one file: AES-256-GCM under a key of its own (Tink's AES-GCM-HKDF streaming)."""

    def __init__(self, key: bytes, salt: bytes, info: bytes) -> None:
        """Derive the file's key from ``key``; ``info`` binds it to the place where the file belongs."""
        self._cipher = AESGCM(HKDF(_SHA256, KEY_BYTES, salt, info).derive(key))

    def seal(self, nonce: bytes, plain: bytes) -> bytes:
        """Return one segment; the caller never uses a nonce twice."""
        return self._cipher.encrypt(nonce, plain, None)

    def unseal(self, nonce: bytes, sealed: bytes) -> bytes:
        """Open one segment, or raise `TamperedData`."""
        try:
            return self._cipher.decrypt(nonce, sealed, None)
        except InvalidTag:
            raise TamperedData from None


@dataclass(frozen=True)
class Ring:
    """The versions of one key, by number; the newest seals, the version in the cell opens.

    A cell is ``format | algorithm | version | nonce | ciphertext and tag``. The key is chosen by
    its number and never by trying (GCM does not commit to a key).
    """

    purpose: str
    versions: dict[int, bytes] = field(repr=False)
    _ciphers: dict[int, tuple[AESGCM, bytes]] = field(default_factory=dict, repr=False, compare=False)
    _subkeys: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    @property
    def current(self) -> int:
        """Number of the version that seals."""
        return max(self.versions)

    def _cipher(self, version: int) -> tuple[AESGCM, bytes]:
        """Return the cipher of a version, and the head of what its cells are bound to: the same for all of them."""
        if version not in self._ciphers:
            if version not in self.versions:
                raise KeyUnavailable
            cipher = AESGCM(subkey(self.versions[version], f"seal:{self.purpose}"))
            self._ciphers[version] = cipher, canonical("meldcode", _FORMAT, self.purpose, version)
        return self._ciphers[version]

    def seal(self, plain: bytes, *bound: Bound) -> bytes:
        """Return a cell that opens only with the same ``bound`` (ids that never change)."""
        version = self.current
        head = _HEADER.pack(_FORMAT, _AES_256_GCM, version, os.urandom(12))
        cipher, same_for_all = self._cipher(version)
        return head + cipher.encrypt(head[4:], pad(plain), same_for_all + canonical(*bound))

    def unseal(self, cell: bytes, *bound: Bound) -> bytes:
        """Open a cell; anything but the very bytes at the very place raises `TamperedData`."""
        if len(cell) < _HEADER.size or cell[:2] != bytes((_FORMAT, _AES_256_GCM)):
            raise TamperedData
        _, _, version, nonce = _HEADER.unpack_from(cell)
        cipher, same_for_all = self._cipher(version)
        try:
            return unpad(cipher.decrypt(nonce, cell[_HEADER.size :], same_for_all + canonical(*bound)))
        except InvalidTag:
            raise TamperedData from None

    def _subkey(self, use: str) -> bytes:
        """Return the key for one use, derived once: a worklist takes a hundred and fifty macs."""
        if use not in self._subkeys:
            self._subkeys[use] = subkey(self.versions[min(self.versions)], f"{use}:{self.purpose}")
        return self._subkeys[use]

    def index(self, *parts: Bound) -> bytes:
        """Return a keyed index of the parts: equal for equal parts, nothing without the key."""
        return mac(self._subkey("index"), *parts)[:INDEX_BYTES]

    def mac(self, *parts: Bound) -> bytes:
        """Return a keyed MAC of the parts, for chains."""
        return mac(self._subkey("mac"), *parts)

    def signer(self) -> Ed25519PrivateKey:
        """Return the key that signs anchors (Ed25519, RFC 8032)."""
        return Ed25519PrivateKey.from_private_bytes(subkey(self.versions[min(self.versions)], "anchor"))

    def public(self) -> bytes:
        """Return the public half of `signer`, 32 bytes, for whoever verifies anchors elsewhere."""
        return self.signer().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
