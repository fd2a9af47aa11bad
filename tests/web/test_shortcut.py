"""Which requests take the shorter way, and that it leads where the route would."""

import pytest
from starlette.responses import PlainTextResponse

from paydesk.web.shortcut import Shortcut

pytestmark = pytest.mark.anyio


async def answer(method, path):
    """What answered a request: `route`, `create`, or the token that the page was shown for."""
    said = []

    async def routed(scope, receive, send):
        await PlainTextResponse("route")(scope, receive, send)

    async def create(_request):
        return PlainTextResponse("create")

    async def show_page(request):
        return PlainTextResponse(request.path_params["token"])

    async def send(message):
        said.append(message.get("body", b""))

    app = Shortcut(routed, create=create, show_page=show_page)
    await app({"type": "http", "method": method, "path": path, "headers": []}, None, send)
    return b"".join(said).decode()


@pytest.mark.parametrize(
    ("method", "path", "by"),
    [
        ("POST", "/checkout/page", "create"),
        ("GET", "/checkout/cs_test_abc", "cs_test_abc"),
        ("GET", "/checkout/page", "route"),
        ("POST", "/1.0/checkout/page", "route"),
        ("GET", "/checkout/cs_test_abc/state", "route"),
        ("POST", "/checkout/cs_test_abc/pay", "route"),
        ("HEAD", "/checkout/cs_test_abc", "route"),
        ("POST", "/checkout/cs_test_abc", "route"),
        ("GET", "/checkout/other", "route"),
    ],
)
async def test_two_calls_go_straight_and_all_others_by_their_route(method, path, by):
    assert await answer(method, path) == by


async def test_what_is_no_request_goes_to_the_application():
    heard = []

    async def app(scope, _receive, _send):
        heard.append(scope["type"])

    await Shortcut(app, create=None, show_page=None)({"type": "lifespan"}, None, None)
    assert heard == ["lifespan"]
