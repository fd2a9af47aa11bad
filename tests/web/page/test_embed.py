"""A page in a frame: who is named, what it shows and tells, and what a frame's headers keep."""

from dataclasses import replace

import pytest
from starlette.requests import Request

from paydesk.checkouts.model import Customization, LastAttempt, Redirects
from paydesk.checkouts.states import State
from paydesk.merchants import PageType
from paydesk.web.page.embed import NOT_EMBEDDED, EmbedView, embed_view, embedders
from paydesk.web.page.headers import (
    authentication_headers,
    bounce_headers,
    framed_by,
    headers,
    returned_headers,
)
from paydesk.web.page.pages import page_of, render

EMBED = Customization(type=PageType.EMBED)
ISSUER = "https://issuer.example/challenge"


def asked(**sent):
    names = {"dest": b"sec-fetch-dest"}
    return Request(
        {"type": "http", "headers": [(names[name], text.encode()) for name, text in sent.items()]}
    )


def test_the_origins_of_the_redirects_may_frame_an_embed(checkout):
    redirects = Redirects("https://a.example/x", "https://b.example:8443/y", "https://c.example")
    made = checkout(customization=EMBED, redirects=redirects)
    assert embedders(made) == ("https://a.example", "https://b.example:8443")
    same = Redirects("https://a.example/x", "https://A.example:443/y", "https://c.example")
    assert embedders(checkout(customization=EMBED, redirects=same)) == ("https://a.example",)


def test_whom_the_account_names_go_before_them(checkout):
    made = checkout(customization=EMBED, embed_origins=("https://shop.example",))
    assert embedders(made) == ("https://shop.example",)


def test_nobody_may_frame_a_page(checkout):
    made = checkout(embed_origins=("https://shop.example",))
    assert embedders(made) == ()
    assert embed_view(made, asked(dest="iframe")) is NOT_EMBEDDED


def test_a_window_of_its_own_gets_a_page_of_its_own(checkout):
    made = checkout(customization=EMBED, state=State.COMPLETED)
    assert embed_view(made, asked(dest="document")) is NOT_EMBEDDED
    for request in (asked(dest="iframe"), asked()):
        view = embed_view(made, request)
        assert (view.origins, view.checkout_id) == ("https://shop.example", made.id)
        assert view.next_url == made.redirects.success_url


@pytest.mark.parametrize(
    ("sent", "before"),
    [
        (headers("n"), ""),
        (authentication_headers("n", [ISSUER]), ""),
        (bounce_headers("n", ISSUER, is_framed=False), ""),
        (bounce_headers("n", ISSUER, is_framed=True), "'self' "),
        (returned_headers("n"), "'self' "),
    ],
)
def test_a_framed_document_names_who_frames_it_and_loosens_nothing_else(sent, before):
    framed = framed_by(sent, ["https://a.example", "https://b.example"])
    old, new = (
        dict(rule.split(" ", 1) for rule in one["Content-Security-Policy"].split("; "))
        for one in (sent, framed)
    )
    assert new == old | {"frame-ancestors": f"{before}https://a.example https://b.example"}
    kept = sent.keys() - {"X-Frame-Options"}
    changed = {name for name in kept if framed[name] != sent[name]}
    assert changed == {"Content-Security-Policy", "Cross-Origin-Resource-Policy"}
    assert framed.keys() == kept
    assert framed_by(sent, []) == sent


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"state": State.COMPLETED},
        {"state": State.CANCELLED},
        {"state": State.EXPIRED},
        {"last_attempt": LastAttempt("tra_1", "risk_blocked", waits=False)},
    ],
)
def test_in_a_frame_no_link_and_no_refresh_takes_the_shop_into_it(checkout, view, html, changes):
    made = checkout(customization=EMBED, **changes)
    shown = replace(
        view(made), embed=EmbedView("https://shop.example", made.id, "https://x.example")
    )
    text = render(page_of(made), shown)
    assert 'data-embed="https:' in text
    for url in (made.redirects.success_url, made.redirects.cancel_url):
        for part in text.split(f'href="{url.replace("&", "&amp;")}"')[1:]:
            assert 'target="_top"' in part.split(">")[0]
    assert 'http-equiv="refresh" content="5' not in text
    assert "data-countdown=" not in text
    assert "data-embed" not in html(made).split("<style", 1)[0]
