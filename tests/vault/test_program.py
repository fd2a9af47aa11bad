"""The vault as a process: started wrongly, started twice, killed, and without its database."""

import base64
import resource
import signal
import stat

import asyncpg
import pytest

from paydesk.cards import SecurityCodeGone, Vault, VaultAway
from paydesk.connectors.contract import Answer, CardField, Request

pytestmark = pytest.mark.anyio


async def test_a_card_outlives_its_vault_but_the_security_code_does_not(
    fresh_program, acquirer, form
):
    fresh_program.start()
    vault = Vault(f"unix:{fresh_program.path}")
    card = await vault.keep(account_id=7, is_live=False, connector="sandbox", entry=form())
    fresh_program.end(signal.SIGKILL)
    with pytest.raises(VaultAway):
        await vault.keep(account_id=7, is_live=False, connector="sandbox", entry=form())
    fresh_program.start()

    async def forward(field):
        sent = Request("POST", acquirer.url, {}, {"card": {}}, {"/card/x": field})
        return await vault.forward(
            account_id=7, card_id=card.id, connector="sandbox", request=sent, seconds_max=5
        )

    with pytest.raises(SecurityCodeGone):
        await forward(CardField.SECURITY_CODE)
    assert isinstance(await forward(CardField.NUMBER), Answer)
    await vault.close()


async def test_only_its_own_user_reaches_the_socket(running_program):
    mode = running_program.path.stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


async def test_it_leaves_no_core_file(running_program):
    core = resource.prlimit(running_program.process.pid, resource.RLIMIT_CORE)
    assert core == (0, 0)


async def test_another_master_key_is_refused(fresh_program, form):
    fresh_program.start()
    fresh_program.end()
    other = base64.b64encode(bytes(32)).decode()
    fresh_program.start(wait=False, PAYDESK_VAULT_KEY=other)
    assert fresh_program.process.wait(10) != 0
    assert "Version 1 of PAYDESK_VAULT_KEY is not the key that sealed" in fresh_program.log()
    fresh_program.start()


async def test_a_second_vault_at_the_same_address_is_refused(fresh_program):
    fresh_program.start()
    first = fresh_program.process
    fresh_program.start(wait=False)
    assert fresh_program.process.wait(10) != 0
    assert "Another vault is running" in fresh_program.log()
    fresh_program.process = first


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"PAYDESK_VAULT_KEY": ""}, "The vault needs"),
        ({"PAYDESK_VAULT_URL": "http://x"}, "PAYDESK_VAULT_URL should be a socket's address"),
    ],
)
async def test_a_setting_that_is_missing_or_wrong_is_named(fresh_program, changes, said):
    fresh_program.start(wait=False, **changes)
    assert fresh_program.process.wait(10) != 0
    assert said in fresh_program.log()


async def test_it_waits_for_a_database_that_is_not_there_yet(fresh_program, cluster, form):
    url = fresh_program.environment["PAYDESK_VAULT_DATABASE_URL"]
    name = url.split("/")[3].split("?")[0]
    admin = await asyncpg.connect(cluster.url("postgres", "postgres"))
    await admin.execute(f"alter database {name} rename to {name}_away")
    fresh_program.start(wait=False)
    vault = Vault(f"unix:{fresh_program.path}")
    fresh_program.wait_for(b"HTTP/1.1 503")
    with pytest.raises(VaultAway):
        await vault.keep(account_id=7, is_live=False, connector="sandbox", entry=form())
    assert not await vault.health()
    await admin.execute(f"alter database {name}_away rename to {name}")
    await admin.close()
    fresh_program.wait_for(b"HTTP/1.1 200")
    assert await vault.health()
    await vault.keep(account_id=7, is_live=False, connector="sandbox", entry=form())
    await vault.close()


async def test_a_vault_that_is_told_to_stop_does(fresh_program):
    fresh_program.start()
    assert fresh_program.end() in {0, -signal.SIGTERM}
