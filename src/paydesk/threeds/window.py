"""How large is the frame in which an issuer shows its challenge?

Source: reliability paper A.5.
"""

from collections.abc import Mapping

from paydesk.threeds.model import Script

FULL = "05"  # as large as the page

# Units: CSS pixels, width and height; None is the whole viewport.
WINDOWS: Mapping[str, tuple[int, int] | None] = {
    "01": (250, 400),
    "02": (390, 400),
    "03": (500, 600),
    "04": (600, 400),
    FULL: None,
}


def window_for(script: Script | None) -> str:
    """The size that suits the payer's window; a browser without script shows it on a whole page."""
    if script is None:
        return FULL
    if script.window_width < 300:
        return "01"
    if script.window_width < 520:
        return FULL
    if script.window_height >= 720:
        return "03"
    return "04" if script.window_width >= 640 else "02"
