"""What the installation's own certificates are good for, and when they are made anew."""

import asyncio
import contextlib
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from paydesk.kit import certificates
from paydesk.kit.certificates import make_certificates


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def greet(folder, host, *, client="shop"):
    """What a client hears from a server that asks it for a certificate."""
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=folder / "ca.pem")
    server_side.load_cert_chain(folder / "desk.pem")
    server_side.verify_mode = ssl.CERT_REQUIRED
    client_side = ssl.create_default_context(cafile=folder / "ca.pem")
    if client:
        client_side.load_cert_chain(folder / f"{client}.pem")

    async def answer(_reader, writer):
        writer.write(b"hello")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server_side) as server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=client_side, server_hostname=host
        )
        try:
            return await reader.read()
        finally:
            writer.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
@pytest.mark.anyio
async def test_two_programs_know_each_other(tmp_path, host):
    make_certificates(tmp_path, ["desk", "shop"])

    assert await greet(tmp_path, host) == b"hello"


@pytest.mark.anyio
async def test_a_client_without_a_certificate_hears_nothing(tmp_path):
    make_certificates(tmp_path, ["desk"])

    # Whether it sees the refusal or an end is a matter of which came first.
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        assert await greet(tmp_path, "localhost", client=None) == b""


def test_only_the_owner_may_read_them(tmp_path):
    make_certificates(tmp_path / "new" / "tls", ["desk"])

    files = list((tmp_path / "new" / "tls").iterdir())
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}


def test_the_authority_s_key_is_not_kept(tmp_path):
    make_certificates(tmp_path, ["desk"])

    assert b"PRIVATE KEY" not in (tmp_path / "ca.pem").read_bytes()
    assert (tmp_path / "desk.pem").read_bytes().count(b"BEGIN PRIVATE KEY") == 1


def test_good_ones_are_kept(tmp_path):
    make_certificates(tmp_path, ["desk", "shop"])
    before = contents(tmp_path)

    make_certificates(tmp_path, ["desk", "shop"])

    assert contents(tmp_path) == before


@pytest.mark.parametrize("lost", ["ca.pem", "desk.pem", "shop.pem"])
@pytest.mark.parametrize("left", [None, b"", b"not a certificate"])
def test_all_are_made_anew_when_one_is_lost_or_broken(tmp_path, lost, left):
    make_certificates(tmp_path, ["desk", "shop"])
    before = contents(tmp_path)
    (tmp_path / lost).unlink() if left is None else (tmp_path / lost).write_bytes(left)

    make_certificates(tmp_path, ["desk", "shop"])

    assert all(contents(tmp_path)[name] != before[name] for name in before)


def test_all_are_made_anew_when_they_are_not_of_one_authority(tmp_path):
    make_certificates(tmp_path / "a", ["desk"])
    make_certificates(tmp_path / "b", ["desk"])
    mixed = (tmp_path / "b" / "ca.pem").read_bytes()
    (tmp_path / "a" / "ca.pem").write_bytes(mixed)

    make_certificates(tmp_path / "a", ["desk"])

    assert (tmp_path / "a" / "ca.pem").read_bytes() != mixed


@pytest.mark.parametrize(("days", "anew"), [(29, True), (31, False)])
def test_they_are_made_anew_within_thirty_days_of_their_end(tmp_path, monkeypatch, days, anew):
    with monkeypatch.context() as shorter:
        shorter.setattr(certificates, "_LIFE", timedelta(days=days, hours=1))
        make_certificates(tmp_path, ["desk"])
    before = contents(tmp_path)

    make_certificates(tmp_path, ["desk"])

    assert (contents(tmp_path) != before) == anew


def test_they_are_good_for_years(tmp_path):
    make_certificates(tmp_path, ["desk"])

    certificate = x509.load_pem_x509_certificate((tmp_path / "desk.pem").read_bytes())
    assert certificate.not_valid_after_utc - datetime.now(UTC) > timedelta(days=3 * 365)
