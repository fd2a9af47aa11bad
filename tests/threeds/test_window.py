"""The size of the challenge's frame, by the payer's window."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer import SCRIPT
from paydesk.threeds import WINDOWS, window_for


@pytest.mark.parametrize(
    ("width", "height", "window"),
    [
        (0, 0, "01"),
        (299, 900, "01"),
        (300, 900, "05"),
        (320, 568, "05"),
        (519, 900, "05"),
        (520, 720, "03"),
        (1920, 1080, "03"),
        (520, 719, "02"),
        (639, 719, "02"),
        (640, 719, "04"),
        (1920, 400, "04"),
    ],
)
def test_the_window_decides(width, height, window):
    assert window_for(replace(SCRIPT, window_width=width, window_height=height)) == window


def test_without_script_the_challenge_has_the_whole_page():
    assert window_for(None) == "05"


def test_the_sizes_are_those_of_the_protocol():
    assert WINDOWS == {
        "01": (250, 400),
        "02": (390, 400),
        "03": (500, 600),
        "04": (600, 400),
        "05": None,
    }


@given(width=st.integers(300, 10_000), height=st.integers(400, 10_000))
def test_the_frame_fits_into_the_window(width, height):
    size = WINDOWS[window_for(replace(SCRIPT, window_width=width, window_height=height))]

    assert size is None or (size[0] <= width and size[1] <= height)
