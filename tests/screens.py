"""`make screens`: every page in every theme, on a phone and a desktop, and in Arabic.

Each sheet shows all pages side by side, to be looked at by a person before a release.
"""

from dataclasses import dataclass
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console

from images import data_uri
from paydesk.checkouts.model import Customization, Standing
from paydesk.checkouts.states import State
from paydesk.languages import choose
from paydesk.merchants import Theme
from paydesk.web.page.pages import PageName, fill, page_of, render
from paydesk.web.page.view import bare_view
from web.page.conftest import _checkout as make_checkout
from web.page.conftest import _issuer as make_issuer
from web.page.conftest import _view as make_view
from web.page.conftest import plan_html
from web.page.test_in_browser import PLANS, STATES
from windows import launched

PLACE = Path("var/screens")
DEVICES = {"phone": (360, 740, 2), "desktop": (1280, 800, 1)}
LOOKS = {
    "light": Customization(theme=Theme.LIGHT),
    "dark": Customization(theme=Theme.DARK, brand_primary="#00dc82"),
    "arabic": Customization(theme=Theme.LIGHT, locale="ar", brand_primary="#ff5a00"),
}
MORE = {
    "a hold": {"is_hold": True},
    "a hold, authorised": {"is_hold": True, "state": State.COMPLETED},
    "taken": {"standing": Standing.TAKEN},
    "withdrawn": {"standing": Standing.WITHDRAWN},
    "near its end": {"seconds_left": 200},
    "at its end": {"seconds_left": 200, "extensions": 10},
}
_COLUMNS = {"phone": 6, "desktop": 3}
_WIDTHS = {"phone": 300, "desktop": 620}


@dataclass(frozen=True, slots=True)
class Shot:
    name: str
    png: bytes


def main():
    console = Console()
    PLACE.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launched(playwright)
        for device in DEVICES:
            for look, custom in LOOKS.items():
                path = PLACE / f"{device}-{look}.png"
                path.write_bytes(sheet(browser, device, shots(browser, device, custom)))
                console.print(str(path))
        browser.close()


def shots(browser: Browser, device: str, custom: Customization):
    width, height, scale = DEVICES[device]
    context = browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=scale
    )
    page = context.new_page()
    page.route("**/*", lambda route: route.fulfill(status=204))
    for name, html in pages(custom):
        page.set_content(html)
        yield Shot(name, page.screenshot(full_page=True))
    context.close()


def pages(custom: Customization):
    """Name and HTML of every page but those that pass in an instant."""
    for name, (changes, form) in STATES.items():
        checkout = make_checkout(**changes, customization=custom)
        yield name, render(page_of(checkout), make_view(checkout, form))
    for name, changes in MORE.items():
        checkout = make_checkout(**changes, customization=custom)
        yield name, render(page_of(checkout), make_view(checkout))
    challenged = make_checkout(state=State.PENDING, customization=custom)
    for name in ("authenticating", "challenge", "challenge_full", "leave"):
        yield name, fill(name, make_view(challenged, issuer=make_issuer()))
    for name, changes in PLANS.items():
        yield name, plan_html(**changes, custom=custom)
    language = choose(custom.locale, "")
    for name in (PageName.MISSING, PageName.TROUBLE):
        yield name, render(name, bare_view(language, "nonce"))


def sheet(browser: Browser, device: str, taken):
    """One picture of all of them."""
    figures = "".join(
        f"<figure><figcaption>{escape(shot.name)}</figcaption>"
        f'<img src="{data_uri(shot.png)}"></figure>'
        for shot in taken
    )
    columns, width = _COLUMNS[device], _WIDTHS[device]
    style = (
        f"body{{display:grid;grid-template-columns:repeat({columns},{width}px);gap:20px;margin:20px;"
        "align-items:start;font:16px sans-serif;background:#999}"
        "figure{margin:0}img{width:100%;display:block}figcaption{padding:4px 0}"
    )
    context = browser.new_context(viewport={"width": columns * (width + 20) + 20, "height": 600})
    page = context.new_page()
    page.set_content(f"<style>{style}</style>{figures}")
    png = page.screenshot(full_page=True)
    context.close()
    return png


if __name__ == "__main__":
    main()
