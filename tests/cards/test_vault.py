"""The vault's client, towards vaults that are away or die in the middle."""

import asyncio

import pytest

from paydesk.cards import CardForm, Lost, Vault, VaultAway
from paydesk.cards.vault import VaultFault
from paydesk.connectors.contract import Answer, Request

pytestmark = pytest.mark.anyio
REQUEST = Request("POST", "http://127.0.0.1:1/", {}, {"card": {}}, {})


@pytest.fixture
async def answering(tmp_path):
    """Starts a socket that answers every request with these bytes and closes."""
    servers = []

    async def start(answer):
        async def serve(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            writer.close()

        servers.append(await asyncio.start_unix_server(serve, tmp_path / "v.sock"))
        return Vault(f"unix:{tmp_path}/v.sock")

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


def http(status, body):
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


async def forward(vault):
    try:
        return await vault.forward(
            account_id=7, card_id="crd_1", connector="sandbox", request=REQUEST, seconds_max=1
        )
    finally:
        await vault.close()


async def test_an_answer_is_handed_on(answering):
    vault = await answering(http(200, b'{"answer": {"status": 201, "body": "{\\"a\\": 1}"}}'))
    assert await forward(vault) == Answer(201, b'{"a": 1}')


async def test_no_vault_at_the_socket_means_that_nothing_was_sent(tmp_path):
    with pytest.raises(VaultAway):
        await forward(Vault(f"unix:{tmp_path}/v.sock"))


async def test_no_vault_means_no_card_kept(tmp_path):
    vault = Vault(f"unix:{tmp_path}/v.sock")
    with pytest.raises(VaultAway):
        await vault.keep(
            account_id=7, is_live=False, connector="sandbox", entry=CardForm("", "", "", "")
        )
    assert not await vault.health()
    await vault.close()


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", b"?\r\n"]
)
async def test_a_vault_that_dies_in_the_middle_may_have_sent_it(answering, answer):
    lost = await forward(await answering(answer))
    assert lost == Lost(was_sent=True, why="vault_died")


async def test_a_bug_in_the_vault_may_have_come_after_sending(answering):
    lost = await forward(await answering(http(500, b'{"fault": "vault_bug"}')))
    assert lost == Lost(was_sent=True, why="vault_bug")


@pytest.mark.parametrize(
    ("body", "was_sent"),
    [(b'{"lost": "timeout"}', True), (b'{"lost": "connect", "sent": false}', False)],
)
async def test_a_lost_answer_says_whether_anything_was_sent(answering, body, was_sent):
    lost = await forward(await answering(http(200, body)))
    assert lost.was_sent is was_sent


async def test_a_vault_without_its_database_is_away(answering):
    with pytest.raises(VaultAway):
        await forward(await answering(http(503, b'{"fault": "database_away"}')))


async def test_a_refused_request_is_a_bug_with_the_rule_s_name(answering):
    with pytest.raises(VaultFault, match="connector_unknown"):
        await forward(await answering(http(403, b'{"fault": "connector_unknown"}')))
