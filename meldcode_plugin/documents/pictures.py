"""Takes a JPEG or PNG apart into what a PDF holds by itself, without decoding a pixel and without its metadata.

JPEG: ITU-T T.81, Exif: CIPA DC-008. PNG: W3C third edition. An interlaced PNG gives None.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

TURNS = {3: 180, 6: 90, 8: 270}
"""Exif orientation as clockwise degrees; mirrored ones come from no camera and are shown as they are."""
SOS, EXIF, ADOBE = 0xDA, 0xE1, 0xEE
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
KEPT_APP = frozenset({0xE0, 0xEE})
"""Of the application's own parts only those that say how colours are coded."""
ORIENTATION = 0x0112
IFD_ENTRY = 12
PNG_HEAD = 8
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
PALETTE = 3


@dataclass(frozen=True)
class Image:
    """A picture as a PDF holds it: its coded samples and what to know of them."""

    data: bytes
    filter: str
    width: int
    height: int
    bits: int
    channels: int
    predictor: bool = False
    alpha: bool = False
    inverted: bool = False
    palette: bytes = b""
    turn: int = 0

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height as the picture is looked at."""
        return (self.height, self.width) if self.turn in (90, 270) else (self.width, self.height)


def jpeg(data: bytes) -> Image:
    """Return a JPEG without its metadata, with the way up that its camera noted; ValueError when it has no size."""
    kept, frame, turn, inverted = [data[:2]], b"", 0, False
    for marker, body in _segments(data):
        if marker == SOS:
            break
        if marker in FRAMES:
            frame = body
        elif marker == EXIF:
            turn = turn or _turn(body)
        elif marker == ADOBE:
            inverted = body.startswith(b"Adobe")
        if marker < 0xE0 or marker in KEPT_APP:  # noqa: PLR2004 - everything that is not an application's own
            kept.append(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body)
    if len(frame) < 6:  # noqa: PLR2004 - precision, height, width and the number of colours
        raise ValueError("a picture without a size")
    bits, height, width, channels = struct.unpack_from(">BHHB", frame)
    pixels = _pixels_at(data)
    bare = sum(map(len, kept)) == pixels  # nothing stays behind: what was stripped when it came in is not copied
    coded = data if bare else b"".join((*kept, memoryview(data)[pixels:]))
    return Image(coded, "/DCTDecode", width, height, bits, channels, inverted=inverted and channels == 4, turn=turn)  # noqa: PLR2004 - CMYK


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and body of each part up to the pixels."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004 - a marker
        if data[at + 1] == 0xFF:  # noqa: PLR2004 - fill byte
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        yield data[at + 1], data[at + 4 : at + 2 + length]
        at += 2 + length


def _pixels_at(data: bytes) -> int:
    at = 2
    while data[at + 1] != SOS:
        at += 1 if data[at + 1] == 0xFF else 2 + struct.unpack_from(">H", data, at + 2)[0]  # noqa: PLR2004 - fill byte
    return at


def _turn(exif: bytes) -> int:
    if not exif.startswith(b"Exif\0\0"):
        return 0
    tiff = exif[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2], "")
    if not order:
        return 0
    try:
        (first,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, first)
        for number in range(count):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, first + 2 + number * IFD_ENTRY)
            if tag == ORIENTATION:
                return TURNS.get(value, 0)
    except struct.error:
        return 0
    return 0


def png(data: bytes) -> Image | None:
    """Return the samples of a PNG; an interlaced one gives None."""
    chunks = list(_chunks(data))
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if interlaced or colour not in CHANNELS:
        return None
    samples = b"".join(body for name, body in chunks if name == b"IDAT")
    palette = next((bytes(body) for name, body in chunks if name == b"PLTE"), b"") if colour == PALETTE else b""
    alpha = colour in (4, 6)
    return Image(
        samples, "/FlateDecode", width, height, bits, CHANNELS[colour], predictor=True, alpha=alpha, palette=palette
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    view, at = memoryview(data), PNG_HEAD
    while at + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        yield name, view[at + 8 : at + 8 + length]
        at += length + 12
