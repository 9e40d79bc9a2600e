"""Sealing: the standard's own vectors, and that a cell opens at its own place alone."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from meldcode_plugin.errors import KeyUnavailable, TamperedData
from meldcode_plugin.store import crypto
from meldcode_plugin.store.crypto import Ring

KEY = bytes.fromhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
IV = bytes.fromhex("cafebabefacedbaddecaf888")
PLAIN = bytes.fromhex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
)
CIPHER = bytes.fromhex(
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
)
AAD = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
VECTORS = [
    (bytes(32), bytes(12), b"", b"", "530f8afbc74536b9a963b4f1c4cb738b"),
    (bytes(32), bytes(12), bytes(16), b"", "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
    (KEY, IV, PLAIN, b"", CIPHER.hex() + "b094dac5d93471bdec1a502270e3cc6c"),
    (KEY, IV, PLAIN[:60], AAD, CIPHER[:60].hex() + "76fc6ece0f4e1768cddf8853bb2d551b"),
]
"""AES-256-GCM, test cases 13 to 16 of McGrew and Viega, "The Galois/Counter Mode of Operation" (NIST, 2005)."""


@pytest.mark.parametrize(("key", "nonce", "plain", "aad", "sealed"), VECTORS)
def test_cipher_is_the_standard_one(key: bytes, nonce: bytes, plain: bytes, aad: bytes, sealed: str):
    """The library that seals for us gives exactly what the standard says."""
    assert AESGCM(key).encrypt(nonce, plain, aad).hex() == sealed


@pytest.mark.parametrize("bit", range(0, (60 + 16) * 8, 7))
def test_no_bit_can_turn(bit: int):
    """Of the standard's own vector, no bit of words or tag can turn without being seen."""
    key, nonce, plain, aad, _ = VECTORS[3]
    sealed = bytearray(AESGCM(key).encrypt(nonce, plain, aad))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InvalidTag):
        AESGCM(key).decrypt(nonce, bytes(sealed), aad)


def test_key_derivation_is_the_standard_one():
    """Keys for one use are derived as RFC 5869 says (its test case 3, cut to our length of 32 bytes)."""
    expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
    assert crypto.subkey(bytes.fromhex("0b" * 22), "").hex() == expected


def test_mac_is_the_standard_one():
    """A MAC is HMAC-SHA256 (RFC 4231, test case 2) over each part with its length before it."""
    plain = bytes.fromhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    assert crypto.hmac.digest(b"Jefe", b"what do ya want for nothing?", "sha256") == plain
    framed = b"\0\0\0\x04what" + b"\0\0\0\x03for"
    assert crypto.mac(b"Jefe", "what", b"for") == crypto.hmac.digest(b"Jefe", framed, "sha256")


@pytest.mark.parametrize(
    ("one", "other"),
    [(("ab", "c"), ("a", "bc")), (("a", ""), ("a",)), (("",), ()), (("a", "b"), ("ab",)), (("1",), ("11",))],
)
def test_lists_of_parts_do_not_run_together(one: tuple[str, ...], other: tuple[str, ...]):
    """Two different lists never give the same bytes."""
    assert crypto.canonical(*one) != crypto.canonical(*other)


@pytest.mark.parametrize("size", [0, 1, 251, 252, 253, 508, 20_000])
def test_what_is_sealed_can_be_opened(ring: Ring, size: int):
    """Words of every size come back whole, also none at all."""
    plain = b"x" * size
    assert ring.unseal(ring.seal(plain, "a", 1), "a", 1) == plain


def test_sealed_words_do_not_tell_their_length(ring: Ring):
    """Words of 1 and of 250 letters are equally long once sealed."""
    assert len(ring.seal(b"x", "a")) == len(ring.seal(b"x" * 250, "a"))


def test_nothing_is_sealed_the_same_twice(ring: Ring):
    """A thousand times the same words give a thousand different cells with a thousand different nonces."""
    cells = {ring.seal(b"Sam", "a") for _ in range(1000)}
    assert (len(cells), len({cell[4:16] for cell in cells})) == (1000, 1000)


@pytest.mark.parametrize("bound", [(), ("a",), ("b", 1), ("a", 2), ("a", 1, ""), ("a1",), (1, "a")])
def test_cell_opens_at_its_own_place_alone(ring: Ring, bound: tuple[crypto.Bound, ...]):
    """A cell that was moved does not open."""
    cell = ring.seal(b"Sam", "a", 1)
    with pytest.raises(TamperedData):
        ring.unseal(cell, *bound)


@pytest.mark.parametrize("cell", [b"", b"\x01", b"\x01\x01\x00\x01", bytes(100), b"\x01\x01\x00\x01" + bytes(12)])
def test_nonsense_is_refused(ring: Ring, cell: bytes):
    """Empty, short and strange cells are refused as tampered, never with an error of another kind."""
    with pytest.raises(TamperedData):
        ring.unseal(cell, "a")


def test_every_byte_of_a_cell_counts(ring: Ring):
    """Whichever byte of a cell changes, it stays shut."""
    cell = ring.seal(b"Sam", "a")
    opened = 0
    for number in range(len(cell)):
        changed = cell[:number] + bytes([cell[number] ^ 1]) + cell[number + 1 :]
        try:
            ring.unseal(changed, "a")
            opened += 1
        except (TamperedData, KeyUnavailable):
            pass
    assert opened == 0


def test_cell_of_another_version_is_not_tried_with_this_key(ring: Ring):
    """A key is chosen by its number: a cell of a version that is not there asks for that version."""
    newer = Ring("people", ring.versions | {2: crypto.new_key()})
    with pytest.raises(KeyUnavailable):
        ring.unseal(newer.seal(b"Sam", "a"), "a")
    assert newer.unseal(ring.seal(b"Sam", "a"), "a") == b"Sam"


def test_cell_of_another_purpose_stays_shut(ring: Ring):
    """The same key used for another purpose does not open a cell."""
    with pytest.raises(TamperedData):
        Ring("drafts", ring.versions).unseal(ring.seal(b"Sam", "a"), "a")


def test_index_needs_the_key(ring: Ring):
    """Equal words give an equal index under one key and purpose, and another one elsewhere."""
    other_key, other_use = Ring("people", {1: crypto.new_key()}), Ring("index", ring.versions)
    found = {one.index("pupil", "2601") for one in (ring, ring, other_key, other_use)}
    assert (len(found), len(ring.index("pupil", "2601"))) == (3, 16)


def test_a_new_version_keeps_index_and_chain(ring: Ring):
    """Turning a key leaves what must be found again as it was."""
    newer = Ring("people", ring.versions | {2: crypto.new_key()})
    assert (newer.index("a"), newer.mac("a")) == (ring.index("a"), ring.mac("a"))


def test_ring_does_not_print_its_keys(ring: Ring):
    """A key never stands in a log line or a traceback by way of its object."""
    assert ring.versions[1].hex() not in repr(ring)
    assert str(ring.versions[1])[2:-1] not in repr(ring)


@pytest.fixture
def ring() -> Ring:
    """A ring of one key."""
    return Ring("people", {1: crypto.new_key()})
