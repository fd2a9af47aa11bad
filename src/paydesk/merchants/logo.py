"""Is this a logo that may be shown to payers? A small PNG, JPEG or WebP, by its own bytes.

SVG is none: it can carry script. Sources: PNG (RFC 2083) 3.2 and 4.1.1; JPEG (ITU-T T.81) B.1.1
and B.2.2; WebP container and VP8 (RFC 9649 2.5-2.7, RFC 6386 9.1).
"""

import base64
import binascii
import re
from typing import Literal

from pydantic_core import PydanticCustomError

from paydesk import limits
from paydesk.kit.fields import fault
from paydesk.merchants.model import Logo

_DATA = re.compile(r"data:(image/(?:png|jpeg|webp));base64,(.*)", re.DOTALL)
# Markers of a frame's head: all of C0-CF but those of tables and extensions.
_JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

Sides = tuple[int, int]


def read_logo(text: str) -> Logo:
    """The logo in this data URI.

    Bounds: limits.LOGO_BYTES_MAX bytes, limits.LOGO_SIDE_PIXELS_MAX pixels on each side.
    Raises: the fault of a field.
    """
    found = _DATA.fullmatch(text)
    try:
        content = base64.b64decode(found[2], validate=True) if found else b""
    except binascii.Error:
        content = b""
    if len(content) > limits.LOGO_BYTES_MAX:  # before anything walks through it
        raise _too_large()
    sides = _SIDES[found[1]](content) if found and content else None
    if found is None or sides is None or 0 in sides:
        raise fault(
            "logo", "A logo is a PNG, JPEG or WebP image, written as data:image/png;base64,…"
        )
    if max(sides) > limits.LOGO_SIDE_PIXELS_MAX:
        raise _too_large()
    return Logo(found[1], content)


def _too_large() -> PydanticCustomError:
    return fault(
        "logo_size",
        f"A logo has {limits.LOGO_BYTES_MAX} bytes at most, and on each side "
        f"{limits.LOGO_SIDE_PIXELS_MAX} pixels.",
    )


def media_type(content: bytes) -> str | None:
    """What kind of image these bytes are, None if they are none of ours."""
    return next((kind for kind, sides in _SIDES.items() if sides(content) is not None), None)


def _png(content: bytes) -> Sides | None:
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR" or len(content) < 24:
        return None
    return _number(content[16:20]), _number(content[20:24])


def _jpeg(content: bytes) -> Sides | None:
    if content[:3] != b"\xff\xd8\xff":
        return None
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        if content[at + 1] == 0xFF:  # a marker may be padded
            at += 1
        elif content[at + 1] in _JPEG_FRAMES:
            return _number(content[at + 7 : at + 9]), _number(content[at + 5 : at + 7])
        else:
            at += 2 + _number(content[at + 2 : at + 4])
    return None


def _webp(content: bytes) -> Sides | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < 30:
        return None
    match content[12:16]:
        case b"VP8 ":
            width, height = content[26:28], content[28:30]
            return _number(width, "little") & 0x3FFF, _number(height, "little") & 0x3FFF
        case b"VP8L":
            bits = _number(content[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            return _number(content[24:27], "little") + 1, _number(content[27:30], "little") + 1
    return None


def _number(part: bytes, order: Literal["big", "little"] = "big") -> int:
    return int.from_bytes(part, order)


_SIDES = {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp}
