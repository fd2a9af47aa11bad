"""A page as its pieces: what it alone says, and the style and script of all pages.

The latter are two thirds of a page, so they are compressed once, and well.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

# The fastest: 0.06 ms for what is a page's own. The best would save 300 bytes at twice the time.
_EACH_TIME = 1
_ONCE = 9
# No name, no time, made as fast as can be on an unknown system. Source: RFC 1952, section 2.3.
_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\x04\xff"
# A last block with nothing in it. Source: RFC 1951, section 3.2.3.
_END = b"\x03\0"


@dataclass(frozen=True, slots=True)
class Fixed:
    """A piece that is the same in every page: as it is, and as part of a compressed one."""

    plain: bytes
    deflated: bytes

    @classmethod
    def of(cls, plain: bytes) -> "Fixed":
        return cls(plain, _deflated(plain, _ONCE))


Pieces = Sequence[bytes | Fixed]


def joined(pieces: Pieces) -> bytes:
    """The page as it is."""
    return b"".join(_plain(piece) for piece in pieces)


def gzipped(pieces: Pieces) -> bytes:
    """The page in gzip's format. Source: RFC 1952."""
    checksum, length, parts = 0, 0, [_HEAD]
    for piece in pieces:
        plain = _plain(piece)
        checksum, length = zlib.crc32(plain, checksum), length + len(plain)
        known = piece.deflated if isinstance(piece, Fixed) else None
        parts.append(known or _deflated(plain, _EACH_TIME))
    return b"".join([*parts, _END, struct.pack("<LL", checksum, length)])


def _plain(piece: bytes | Fixed) -> bytes:
    return piece.plain if isinstance(piece, Fixed) else piece


def _deflated(plain: bytes, level: int) -> bytes:
    """Blocks of a deflate stream that end with a byte and point at nothing before them."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(plain) + deflate.flush(zlib.Z_SYNC_FLUSH)
