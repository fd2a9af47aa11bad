"""Who may hold a checkout's page in a frame, as Chromium decides it from the page's headers."""

from html import escape

import httpx2
import pytest

from windows import Shop, Window

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def world(server):
    return server


@pytest.fixture(scope="module")
def origins():
    """The merchant's shop, another of its addresses, and a stranger."""
    opened = [Shop() for _ in range(3)]
    yield opened
    for pages in opened:
        pages.close()


@pytest.fixture
def window(chromium):
    opened = Window(chromium)
    yield opened
    opened.close()


@pytest.fixture
def new_merchant(world):
    return lambda: world.merchant_with(world.new_merchant("Framing shop")["test"])


def create(merchant, shop, kind="embed"):
    body = merchant.body()
    redirects = {**body["redirects"], "success_url": shop.url, "cancel_url": f"{shop.url}/cart"}
    return merchant.create(
        redirects=redirects, customization={**body["customization"], "type": kind}
    )


def frame(url, **attributes):
    had = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f'<iframe src="{escape(url)}"{had}></iframe>'


def is_shown(window, outer, url):
    """Whether a checkout's page stands in this one, or Chromium's word that it was refused."""

    def decided():
        frames = window.page.frames[1:]
        shown = any(one.url == url and one.locator("h1").count() for one in frames)
        refused = any(one.url.startswith("chrome-error:") for one in frames)
        # A refused object leaves no frame, but what stands in its place.
        refused = refused or window.page.get_by_text("No object").is_visible()
        return [shown] if shown or refused else None

    window.page.goto(outer)
    for _ in range(1200):
        if answer := decided():
            return answer[0]
        window.page.wait_for_timeout(50)  # which lets frames come and go
    raise AssertionError(f"{outer}: {[one.url for one in window.page.frames]}")


def cases(url, shop, stranger):
    """Pages that hold the checkout, and whether it may be shown there."""
    own = shop.put("/own", frame(url))
    foreign = stranger.put("/foreign", frame(url))
    document = escape(f'<iframe src="{url}"></iframe>')
    return {
        "the shop": (own, True),
        "a stranger": (foreign, False),
        "the shop in a stranger's frame": (stranger.put("/nested", frame(own)), False),
        "a stranger in the shop's frame": (shop.put("/nesting", frame(foreign)), False),
        "the shop in its own frame": (shop.put("/twice", frame(own)), True),
        "a document of the shop's": (shop.put("/srcdoc", f'<iframe srcdoc="{document}">'), True),
        "one without an origin": (
            shop.put("/null", f'<iframe sandbox="allow-scripts" srcdoc="{document}">'),
            False,
        ),
        "data": (shop.put("/data", frame(f"data:text/html,{frame(url)}")), False),
        "a stranger's data": (stranger.put("/data", frame(f"data:text/html,{frame(url)}")), False),
        "a stranger's sandbox": (
            stranger.put("/sandbox", frame(url, sandbox="allow-scripts allow-same-origin")),
            False,
        ),
        "a stranger's object": (
            stranger.put("/object", f'<object data="{url}">No object</object>'),
            False,
        ),
    }


def test_only_the_shop_may_frame_its_checkout(window, new_merchant, origins):
    shop, _, stranger = origins
    url = create(new_merchant(), shop)["page_url"]
    for name, (outer, may) in cases(url, shop, stranger).items():
        assert is_shown(window, outer, url) == may, name


def test_nobody_may_frame_a_page(window, new_merchant, origins):
    shop, _, stranger = origins
    merchant = new_merchant()
    assert merchant.http.post("/merchant", json={"embed_origins": [shop.url]}).is_success
    url = create(merchant, shop, kind="page")["page_url"]
    for name, (outer, _) in cases(url, shop, stranger).items():
        assert not is_shown(window, outer, url), name
    assert httpx2.get(url).headers["X-Frame-Options"] == "DENY"


def test_who_is_registered_may_and_others_may_not(window, new_merchant, origins):
    shop, registered, _ = origins
    merchant = new_merchant()
    url = create(merchant, shop)["page_url"]
    outer = {pages: pages.put("/framing", frame(url)) for pages in origins}

    def shown():
        return [is_shown(window, outer[pages], url) for pages in origins]

    assert shown() == [True, False, False]
    merchant.http.post("/merchant", json={"embed_origins": [registered.url]})
    assert shown() == [False, True, False]
    # Once none is registered, those of the redirects may again.
    merchant.http.post("/merchant", json={"embed_origins": []})
    assert shown() == [True, False, False]


def test_each_document_of_a_checkout_names_its_embedders(new_merchant, origins):
    shop, registered, _ = origins
    merchant = new_merchant()
    merchant.http.post("/merchant", json={"embed_origins": [registered.url, shop.url]})
    sent = httpx2.get(create(merchant, shop)["page_url"]).headers
    assert f"frame-ancestors {registered.url} {shop.url};" in sent["Content-Security-Policy"]
    assert "X-Frame-Options" not in sent
    assert "*" not in sent["Content-Security-Policy"]
