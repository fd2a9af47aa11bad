"""The vault fills a kept card into a connector's request, sends it, and hands back the answer."""

import asyncpg
import pytest

from paydesk.cards import CardMissing, Lost, SecurityCodeGone
from paydesk.cards.vault import VaultFault
from paydesk.connectors.contract import Answer, CardField, Request

pytestmark = pytest.mark.anyio

FILL = {f"/card/{field.value}": field for field in CardField}


def request(acquirer, *, url=None, body=None, fill=FILL):
    body = {"amount": 120000, "card": {}} if body is None else body
    headers = {"Authorization": "Bearer x", "Content-Type": "application/json"}
    return Request("POST", url or f"{acquirer.url}/v1/authorisations", headers, body, fill)


async def kept(vault, form):
    return await vault.keep(account_id=7, is_live=False, connector="sandbox", entry=form)


async def forward(vault, card, sent, *, account_id=7, connector="sandbox", seconds_max=5):
    return await vault.forward(
        account_id=account_id,
        card_id=card if isinstance(card, str) else card.id,
        connector=connector,
        request=sent,
        seconds_max=seconds_max,
    )


async def test_a_kept_card_is_filled_into_the_request_and_the_answer_comes_back(
    vault, acquirer, form
):
    card = await kept(vault, form())
    answer = await forward(vault, card, request(acquirer))
    assert answer == Answer(200, b'{"result": "approved"}')
    path, headers, body = acquirer.requests[0]
    assert path == "/v1/authorisations"
    assert headers["Authorization"] == "Bearer x"
    assert body == {
        "amount": 120000,
        "card": {
            "number": "4242424242424242",
            "expire_month": "12",
            "expire_year": "2040",
            "expire_yymm": "4012",
            "security_code": "917",
            "name": "N. Dlamini",
            "short_name": "N. Dlamini",
        },
    }


async def test_the_security_code_is_read_once(vault, acquirer, form):
    card = await kept(vault, form())
    await forward(vault, card, request(acquirer))
    with pytest.raises(SecurityCodeGone):
        await forward(vault, card, request(acquirer))
    assert len(acquirer.requests) == 1


async def test_the_card_itself_can_be_sent_again_without_its_security_code(vault, acquirer, form):
    card = await kept(vault, form())
    await forward(vault, card, request(acquirer))
    fill = {"/card/number": CardField.NUMBER}
    assert isinstance(await forward(vault, card, request(acquirer, fill=fill)), Answer)
    assert acquirer.requests[1][2]["card"] == {"number": "4242424242424242"}


async def test_a_card_of_another_account_is_missing(vault, acquirer, form):
    card = await kept(vault, form())
    with pytest.raises(CardMissing):
        await forward(vault, card, request(acquirer), account_id=8)
    assert acquirer.requests == []


async def test_a_card_past_its_time_is_missing(vault, vault_tables, acquirer, form):
    card = await kept(vault, form())
    await vault_tables.execute("update vault.cards set kept_until = now() where id = $1", card.id)
    with pytest.raises(CardMissing):
        await forward(vault, card, request(acquirer))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/v1/authorisations",
        "https://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://user@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}@example.com/",
    ],
)
async def test_an_origin_that_is_not_on_the_manifest_is_refused(vault, acquirer, form, url):
    card = await kept(vault, form())
    sent = request(acquirer, url=url.format(port=acquirer.port))
    with pytest.raises(VaultFault, match="origin_not_on_manifest"):
        await forward(vault, card, sent)
    assert acquirer.requests == []


async def test_a_pointer_to_nowhere_is_refused(vault, acquirer, form):
    card = await kept(vault, form())
    sent = request(acquirer, body={"amount": 1})
    with pytest.raises(VaultFault, match="pointer_unknown"):
        await forward(vault, card, sent)
    assert acquirer.requests == []


async def test_a_live_card_never_goes_to_a_test_connector(vault, acquirer, form):
    real = form(number="4111 1111 1111 1111")
    card = await vault.keep(account_id=7, is_live=True, connector="sandbox", entry=real)
    with pytest.raises(VaultFault, match="connector_mode"):
        await forward(vault, card, request(acquirer))


async def test_an_unknown_connector_is_refused(vault, acquirer, form):
    card = await kept(vault, form())
    with pytest.raises(VaultFault, match="connector_unknown"):
        await forward(vault, card, request(acquirer), connector="acme")


async def test_texts_that_look_like_placeholders_are_sent_as_they_are(vault, acquirer, form):
    card = await kept(vault, form())
    body = {"order": "{{number}} /card/number ${security_code}", "card": {}}
    await forward(vault, card, request(acquirer, body=body))
    assert acquirer.requests[0][2]["order"] == body["order"]


async def test_an_echo_of_the_card_is_redacted(vault, acquirer, form):
    card = await kept(vault, form())
    acquirer.answer = (
        '{"result": "declined", "amount": 917, "card": {"number": "4242-4242 42424242",'
        ' "cvv": "917", "pan": 4242424242424242, "csc": 917}, "text": "card 4242424242424242/917"}'
    )
    answer = await forward(vault, card, request(acquirer))
    assert b"4242" not in answer.body
    assert answer.body.count(b"917") == 1
    assert b'"amount": 917' in answer.body


async def test_an_answer_that_never_comes_is_lost(vault, acquirer, form):
    card = await kept(vault, form())
    acquirer.answer = None
    assert await forward(vault, card, request(acquirer)) == Lost(was_sent=True, why="broken")


async def test_a_card_moved_to_another_row_or_account_does_not_open(
    vault, vault_tables, running_program, acquirer, form
):
    mine = await kept(vault, form())
    other = await kept(vault, form(number="5555555555554444"))
    await vault_tables.execute(
        """update vault.cards mine set sealed = other.sealed, wrapped_key = other.wrapped_key
           from vault.cards other where mine.id = $1 and other.id = $2""",
        mine.id,
        other.id,
    )
    with pytest.raises(CardMissing):
        await forward(vault, mine, request(acquirer))
    await vault_tables.execute("update vault.cards set account_id = 9 where id = $1", other.id)
    with pytest.raises(CardMissing):
        await forward(vault, other, request(acquirer), account_id=9)
    assert "card_seal_broken" in running_program.log()
    assert acquirer.requests == []


async def test_the_web_s_role_can_not_read_the_vault(cluster, vault_tables):
    await vault_tables.execute("create role somebody login")
    name = await vault_tables.fetchval("select current_database()")
    somebody = await asyncpg.connect(cluster.url("somebody", name))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await somebody.fetch("select * from vault.cards")
    await somebody.close()
    await vault_tables.execute("drop role somebody")
