"""Looks at photos without decoding a pixel: complete, not too large, and whether they say where they were made.

No decoder runs, so there is none to attack and a picture of 50,000 by 50,000 costs nothing.
JPEG: ITU-T T.81. PNG: W3C third edition. WebP: RFC 9649. HEIC: ISO/IEC 14496-12 and 23008-12. Exif: CIPA DC-008.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from meldcode_plugin.rules.uploads_faults import Fault, Unfit

MAX_PIXELS = 120_000_000
"""Width times height; the largest phone cameras that stay under 25 MB reach 108 million."""
MAX_PARTS = 50_000
_PIECE = 1 << 16
_METADATA = 1 << 20
_GPS_TAG, _LATITUDE_TAG = 0x8825, 2
_IFD_ENTRY = 12
_TIFF = re.compile(rb"II\*\0|MM\0\*")
_NO_FRAME = {0xC4, 0xC8, 0xCC}


@dataclass
class Picture:
    """What was seen: size in pixels, and whether the place where it was made stands in it."""

    width: int = 0
    height: int = 0
    located: bool = False

    def checked(self) -> Picture:
        """Return itself, or raise when it has no size or too large a one."""
        if not self.width or not self.height:
            raise Unfit(Fault.BROKEN)
        if self.width * self.height > MAX_PIXELS:
            raise Unfit(Fault.TOO_MANY_PIXELS)
        return self


def exactly(stream: BinaryIO, count: int) -> bytes:
    """Return ``count`` bytes; fewer means that the file is cut off."""
    data = stream.read(count)
    if len(data) != count:
        raise Unfit(Fault.BROKEN)
    return data


def _metadata(stream: BinaryIO, count: int) -> bytes:
    """Return the first megabyte of a part and stand behind the part."""
    data = exactly(stream, min(count, _METADATA))
    stream.seek(count - len(data), 1)
    return data


def has_place(exif: bytes) -> bool:
    """Tell whether an Exif block holds a latitude; nonsense in it means no."""
    start = 6 if exif.startswith(b"Exif\0\0") else 0
    tiff = exif[start:]
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return False
    try:
        (first,) = struct.unpack_from(order + "I", tiff, 4)
        gps = _tag(tiff, order, first, _GPS_TAG)
        return gps is not None and _tag(tiff, order, gps, _LATITUDE_TAG) is not None
    except struct.error:
        return False


def _tag(tiff: bytes, order: str, directory: int, wanted: int) -> int | None:
    (count,) = struct.unpack_from(order + "H", tiff, directory)
    for number in range(count):
        tag, _, _, value = struct.unpack_from(order + "HHII", tiff, directory + 2 + number * _IFD_ENTRY)
        if tag == wanted:
            return int(value)
    return None


def _xmp_place(data: bytes) -> bool:
    return b"GPSLatitude" in data


def jpeg(stream: BinaryIO, _size: int) -> Picture:
    """Walk the segments up to the pixels, then look for the end marker behind them."""
    seen = Picture()
    stream.seek(2)
    for _ in range(MAX_PARTS):
        marker = _marker(stream)
        (length,) = struct.unpack(">H", exactly(stream, 2))
        if marker == 0xDA:  # noqa: PLR2004  # SOS: the pixels follow
            _find_end(stream)
            return seen.checked()
        _segment(seen, marker, _metadata(stream, max(length - 2, 0)))
    raise Unfit(Fault.BROKEN)


def _marker(stream: BinaryIO) -> int:
    if exactly(stream, 1) != b"\xff":
        raise Unfit(Fault.BROKEN)
    for _ in range(_PIECE):
        (code,) = exactly(stream, 1)
        if code != 0xFF:  # noqa: PLR2004  # fill bytes may stand before a marker
            return code
    raise Unfit(Fault.BROKEN)


def _segment(seen: Picture, marker: int, data: bytes) -> None:
    if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME and len(data) >= 5:  # noqa: PLR2004  # SOF0..SOF15
        seen.height, seen.width = struct.unpack_from(">HH", data, 1)
    elif marker == 0xE1:  # noqa: PLR2004  # APP1: Exif or XMP
        seen.located = seen.located or has_place(data) or _xmp_place(data)


def _find_end(stream: BinaryIO) -> None:
    """Find the end marker; phones may put their own data behind it, so it need not be the last."""
    before = b""
    while piece := stream.read(_PIECE):
        if b"\xff\xd9" in before + piece:
            return
        before = piece[-1:]
    raise Unfit(Fault.BROKEN)


def png(stream: BinaryIO, size: int) -> Picture:
    """Walk all chunks with their checksums; IHDR first, IEND last, nothing behind it."""
    seen = Picture()
    stream.seek(8)
    for number in range(MAX_PARTS):
        length, name = struct.unpack(">I4s", exactly(stream, 8))
        if stream.tell() + length + 4 > size or (number == 0) != (name == b"IHDR"):
            raise Unfit(Fault.BROKEN)
        _chunk(seen, name, _with_checksum(stream, name, length))
        if name == b"IHDR":
            seen.checked()
        if name == b"IEND":
            break
    if stream.tell() != size:
        raise Unfit(Fault.BROKEN)
    return seen.checked()


def _with_checksum(stream: BinaryIO, name: bytes, length: int) -> bytes:
    kept, total = b"", zlib.crc32(name)
    while length:
        piece = exactly(stream, min(length, _PIECE))
        total, length = zlib.crc32(piece, total), length - len(piece)
        kept = kept + piece if len(kept) < _METADATA and name in (b"IHDR", b"eXIf", b"iTXt") else kept
    if exactly(stream, 4) != struct.pack(">I", total):
        raise Unfit(Fault.BROKEN)
    return kept


def _chunk(seen: Picture, name: bytes, data: bytes) -> None:
    if name == b"IHDR" and len(data) == 13:  # noqa: PLR2004  # its fixed length
        seen.width, seen.height = struct.unpack_from(">II", data)
    elif name == b"eXIf":
        seen.located = seen.located or has_place(data)
    elif name == b"iTXt":
        seen.located = seen.located or _xmp_place(data)


def webp(stream: BinaryIO, size: int) -> Picture:
    """Walk the RIFF chunks; the header must name the very length of the file."""
    seen = Picture()
    stream.seek(4)
    if struct.unpack("<I", exactly(stream, 4))[0] + 8 != size:
        raise Unfit(Fault.BROKEN)
    stream.seek(12)
    for _ in range(MAX_PARTS):
        if stream.tell() >= size:
            return seen.checked()
        name, length = struct.unpack("<4sI", exactly(stream, 8))
        if stream.tell() + length > size:
            raise Unfit(Fault.BROKEN)
        _webp_chunk(seen, name, _metadata(stream, length))
        stream.seek(length % 2, 1)
    raise Unfit(Fault.BROKEN)


def _webp_chunk(seen: Picture, name: bytes, data: bytes) -> None:
    if name == b"VP8X" and len(data) >= 10:  # noqa: PLR2004  # canvas, each side less one in 24 bits
        seen.width, seen.height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (4, 7))
    elif name == b"VP8L" and len(data) >= 5 and not seen.width:  # noqa: PLR2004  # RFC 9649
        bits = int.from_bytes(data[1:5], "little")
        seen.width, seen.height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif name == b"VP8 " and len(data) >= 10 and not seen.width:  # noqa: PLR2004  # RFC 9649
        seen.width, seen.height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 6))
    elif name == b"EXIF":
        seen.located = seen.located or has_place(data)
    elif name == b"XMP ":
        seen.located = seen.located or _xmp_place(data)


def heic(stream: BinaryIO, size: int) -> Picture:
    """Walk the boxes, which must fill the file; sizes stand in `ispe`, Exif stands anywhere in the data."""
    seen, at = Picture(), 0
    for _ in range(MAX_PARTS):
        if at == size:
            break
        stream.seek(at)
        length, name = _box(stream, size - at)
        if name == b"meta":
            _meta_box(seen, exactly(stream, min(length - 8, _METADATA)))
        at += length
    if at != size:
        raise Unfit(Fault.BROKEN)
    seen.located = seen.located or _exif_anywhere(stream)
    return seen.checked()


def _box(stream: BinaryIO, left: int) -> tuple[int, bytes]:
    length, name = struct.unpack(">I4s", exactly(stream, 8))
    if length == 1:
        (length,) = struct.unpack(">Q", exactly(stream, 8))
    length = length or left
    if not 8 <= length <= left:  # noqa: PLR2004  # its own head
        raise Unfit(Fault.BROKEN)
    return length, name


def _meta_box(seen: Picture, data: bytes) -> None:
    """Keep the largest image; tiles and thumbnails have sizes of their own."""
    at = data.find(b"ispe")
    while at >= 0 and at + 16 <= len(data):
        width, height = struct.unpack_from(">II", data, at + 8)
        if width * height > seen.width * seen.height:
            seen.width, seen.height = width, height
        at = data.find(b"ispe", at + 4)


def _exif_anywhere(stream: BinaryIO) -> bool:
    """Look at everything that starts like an Exif block; each is seen with at least 64 kB behind it."""
    stream.seek(0)
    before = stream.read(_PIECE)
    while before:
        piece = stream.read(_PIECE)
        both = before + piece
        if any(has_place(both[match.start() :]) for match in _TIFF.finditer(both) if match.start() < len(before)):
            return True
        before = piece
    return False
