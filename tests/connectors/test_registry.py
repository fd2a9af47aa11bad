"""Which connectors the settings give."""

import pytest

from paydesk.connectors.registry import connectors


def test_the_sandbox_is_there_when_its_address_is_set():
    manifest = connectors("http://127.0.0.1:9400")["sandbox"].manifest

    assert (manifest.name, manifest.is_live) == ("sandbox", False)
    assert manifest.origins == {"http://127.0.0.1:9400"}


def test_the_sandbox_s_directory_server_is_there_when_its_address_is_set():
    manifest = connectors("http://127.0.0.1:9400", "http://127.0.0.1:9401/areq")["sandbox"].manifest

    assert manifest.directory.url == "http://127.0.0.1:9401/areq"
    assert manifest.origins == {"http://127.0.0.1:9400", "http://127.0.0.1:9401"}


def test_without_an_address_there_is_no_sandbox():
    assert connectors(None) == {}


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://127.0.0.1:9400/", "http://127.0.0.1:9400"),
        ("http://sandbox.example", "http://sandbox.example:80"),
        ("https://sandbox.example/path", "https://sandbox.example:443"),
        ("http://[::1]:9400", "http://[::1]:9400"),
    ],
)
def test_an_origin_has_scheme_host_and_port(url, origin):
    assert connectors(url)["sandbox"].manifest.origins == {origin}
