"""The pages that the sandbox issuer shows in the payer's browser, often inside a frame."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minijinja import Environment

_FOLDER = Path(__file__).parent / "screens"


@dataclass(frozen=True, slots=True)
class Screen:
    """A template's name, and what it shows. Where is an address, the browser goes there by form."""

    name: str
    view: Mapping[str, Any]
    status: int = 200


def leaving(url: str, fields: Mapping[str, str], *, after_seconds: float = 0) -> Screen:
    """The page that posts these fields to the address, by itself or by its button."""
    view = {"url": url, "fields": dict(fields), "milliseconds": round(after_seconds * 1000)}
    return Screen("leaving.html", view)


def trouble(text: str, status: int = 400) -> Screen:
    """A page that leads nowhere."""
    return Screen("trouble.html", {"text": text}, status)


def render(screen: Screen) -> tuple[str, dict[str, str]]:
    """The page and the headers that go with it: nothing is loaded, and any page may frame it."""
    nonce = secrets.token_urlsafe(16)
    page = _environment.render_template(screen.name, nonce=nonce, **screen.view)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
        "base-uri 'none'"
    )
    return page, {"Content-Security-Policy": policy, "Cache-Control": "no-store"}


def _source(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


_environment = Environment(
    loader=_source,
    # Without this answer only files whose names end as minijinja expects are escaped.
    auto_escape_callback=lambda _name: "html",
    undefined_behavior="strict",
    trim_blocks=True,
    lstrip_blocks=True,
)
