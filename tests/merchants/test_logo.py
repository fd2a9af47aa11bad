"""Logos: which images are taken, and which only look like one."""

import pytest
from pydantic_core import PydanticCustomError

from images import data_uri, jpeg, png, webp
from paydesk import limits
from paydesk.merchants.logo import media_type, read_logo

KINDS = [
    ("image/png", png),
    ("image/jpeg", jpeg),
    *(("image/webp", lambda *sides, kind=kind: webp(kind, *sides)) for kind in (b"VP8 ", b"VP8L")),
    ("image/webp", lambda *sides: webp(b"VP8X", *sides)),
]


def refusal(text):
    with pytest.raises(PydanticCustomError) as refused:
        read_logo(text)
    return refused.value.type


@pytest.mark.parametrize(("kind", "image"), KINDS)
def test_each_kind_of_image_is_taken_as_what_it_is(kind, image):
    logo = read_logo(data_uri(image(), kind))
    assert (logo.media_type, logo.content) == (kind, image())
    assert media_type(image()) == kind


@pytest.mark.parametrize(("kind", "image"), KINDS)
def test_the_longer_side_decides_whether_an_image_is_too_large(kind, image):
    most = limits.LOGO_SIDE_PIXELS_MAX
    assert read_logo(data_uri(image(most, 1), kind)).media_type == kind
    for sides in ((most + 1, 1), (1, most + 1)):
        assert refusal(data_uri(image(*sides), kind)) == "logo_size"


def test_an_image_with_too_many_bytes_is_refused():
    spare = limits.LOGO_BYTES_MAX - len(png(padding=b"."))
    assert read_logo(data_uri(png(padding=b"." * (spare + 1)))).media_type == "image/png"
    assert refusal(data_uri(png(padding=b"." * (spare + 2)))) == "logo_size"


def test_too_many_bytes_are_refused_before_anything_reads_them():
    endless = b"\xff\xd8" + b"\xff" * limits.LOGO_BYTES_MAX
    assert refusal(data_uri(endless, "image/jpeg")) == "logo_size"


@pytest.mark.parametrize(
    "text",
    [
        "logo.png",
        "https://shop.example/logo.png",
        data_uri(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/svg+xml"),
        data_uri(b"<svg/>", "image/png"),
        data_uri(b"<html>", "text/html"),
        data_uri(png(), "image/jpeg"),
        data_uri(jpeg(), "image/webp"),
        data_uri(b"GIF89a" + bytes(40), "image/png"),
        data_uri(png()[:20]),
        data_uri(png(0, 5)),
        data_uri(b"\xff\xd8\xff\xe0\xff\xff" + bytes(20), "image/jpeg"),
        data_uri(b""),
        "data:image/png;base64,!!!!",
        "data:image/png," + png().hex(),
    ],
)
def test_what_is_no_image_of_its_kind_is_refused(text):
    assert refusal(text) == "logo"
