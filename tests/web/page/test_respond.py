import gzip

import pytest
from starlette.requests import Request

from paydesk.web.page.pieces import Fixed
from paydesk.web.page.respond import html_response

PIECES = [b"<p>R1 200.00</p>" * 99, Fixed.of(b"p { margin: 0 }" * 99), b"", b"</html>"]
HTML = "<p>R1 200.00</p>" * 99 + "p { margin: 0 }" * 99 + "</html>"


def sent(accept_encoding):
    headers = [] if accept_encoding is None else [(b"accept-encoding", accept_encoding.encode())]
    request = Request({"type": "http", "headers": headers})
    return html_response(request, PIECES, 422, {"Content-Type": "text/html; charset=utf-8"})


@pytest.mark.parametrize(
    "accept_encoding",
    ["gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8", "*", "deflate,gzip;q=1"],
)
def test_a_page_is_compressed_for_who_takes_it(accept_encoding):
    response = sent(accept_encoding)
    assert response.headers["content-encoding"] == "gzip"
    assert len(response.body) < len(HTML) / 10
    assert gzip.decompress(response.body).decode() == HTML
    assert int(response.headers["content-length"]) == len(response.body)


@pytest.mark.parametrize(
    "accept_encoding", [None, "", "identity", "br", "gzip;q=0", "xgzip", "gzip;q=0.0"]
)
def test_it_is_sent_as_it_is_to_who_does_not(accept_encoding):
    response = sent(accept_encoding)
    assert response.body.decode() == HTML
    assert "content-encoding" not in response.headers
    assert (response.status_code, response.headers["vary"]) == (422, "Accept-Encoding")
