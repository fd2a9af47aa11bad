"""The product's own verbs on a real database, vault and acquirer, with time moved on by hand.

For tests that stop between two steps, as a crash would, and look what the next one makes of it.
"""

import asyncio
import base64
import os
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import asyncpg
import httpx2

import oracle
from paydesk import cards, checkouts, merchants, modifications, transactions, webhooks
from paydesk.abuse import Guard
from paydesk.app import Desk, open_desk
from paydesk.cards import CardForm, Vault
from paydesk.connectors.contract import ModificationKind
from paydesk.db.migrate import migrate
from paydesk.kit.certificates import make_certificates
from paydesk.kit.page_tokens import page_token, token_hash
from paydesk.kit.sealing import Sealer
from paydesk.merchants import Account
from paydesk.payment_methods import MethodType, PaymentMethod
from paydesk.payments import charge
from paydesk.settings import Settings, variable
from paydesk.threeds import Browser, Script
from world import card, eventually, free_port

KEY = bytes(range(32))
CARD = PaymentMethod("pam_1", MethodType.CARD, "PAYDESK")
CUSTOMER = {
    "reference": "CLN240919000001",
    "person_name": "John",
    "person_surname": "Doe",
    "email": "johndoe@mail.com",
}
NO_SCRIPT = Browser("text/html", "Mozilla/5.0 (test)", "en-ZA", "127.0.0.1", None)
SCRIPTED = replace(NO_SCRIPT, script=Script(False, "en-ZA", 24, 1920, 1080, 1280, 800, -120))
NOTIFY_URL = "https://merchant.example/webhooks/payments"
_numbers = count(1)


class Programs:
    """A database of its own with a merchant in it, a vault and a sandbox acquirer.

    Where issuers are asked, the sandbox is also their directory server and themselves, and the
    program runs that hears results. Where there is a bank, the sandbox is that too.
    """

    def __init__(self, postgres, *, asks_issuers=False, has_bank=False):
        self.asks_issuers = asks_issuers
        self.bank_url = f"http://127.0.0.1:{free_port()}" if has_bank else None
        self.name = f"workshop_{next(_numbers)}"
        self.owner_url, self.app_url, self.vault_db_url = (
            url.replace("/paydesk?", f"/{self.name}?")
            for url in (postgres.owner, postgres.app, postgres.vault)
        )
        # A socket's path is short, which pytest's own folders are not.
        self._folder = tempfile.TemporaryDirectory(prefix="pd-")
        self.folder = Path(self._folder.name)
        self.sandbox_url = f"http://127.0.0.1:{free_port()}"
        self.processes = []
        asyncio.run(self._make_database(postgres.owner))
        self.certificates = self.folder / "certificates"
        self.directory_port, self.issuer_port, self.results_port = (free_port() for _ in range(3))
        self.settings = Settings(
            database_url=self.app_url,
            vault_url=f"unix:{self.folder}/v.sock",
            sandbox_url=self.sandbox_url,
            sandbox_bank_url=self.bank_url,
            sandbox_bank_key=KEY,
            public_url="http://127.0.0.1:9",
            page_key=KEY,
            sealing_key=KEY,
            acquirer_timeout_seconds=10,
            inquiry_seconds=(0, 0, 0),
            hold_seconds=3600,
            **(self._issuers_addresses() if asks_issuers else {}),
        )

    def start(self):
        acquirer = ["--port", self.sandbox_url.rpartition(":")[2], "--log", str(self.log)]
        if self.bank_url:
            acquirer += ["--bank-port", self.bank_url.rpartition(":")[2]]
        if self.asks_issuers:
            make_certificates(self.certificates, ["threeds", "directory"])
            # At this speed an issuer waits for a payer longer than a test takes.
            ports = ("--directory-port", self.directory_port, "--issuer-port", self.issuer_port)
            scheme = (*map(str, ports), "--tls", str(self.certificates))
            self._run("sandbox", *acquirer, *scheme, PAYDESK_SANDBOX_SPEED="1")
            self._run("threeds", "--port", str(self.results_port), **self._desk_environment())
        else:
            self._run("sandbox", *acquirer)
        self.vault = self._run("vault")
        eventually(self._are_up)

    def restart_vault(self):
        """Ends the vault at once, as a power cut would, and starts it again."""
        self.vault.kill()
        self.vault.wait(10)
        self.vault = self._run("vault")
        eventually(self._are_up)

    @property
    def log(self):
        return self.folder / "acquirer.jsonl"

    async def _make_database(self, owner_url):
        connection = await asyncpg.connect(owner_url)
        await connection.execute(f"create database {self.name}")
        await connection.close()
        await migrate(self.owner_url)
        connection = await asyncpg.connect(self.owner_url)
        await merchants.create_merchant(connection, Sealer(KEY), name="Corner shop")
        self.issued, _ = await merchants.issue_keys(connection, Sealer(KEY))
        await connection.close()

    def start_worker(self, **settings):
        """Another worker on this database, with these settings: its process."""
        return self._run("worker", **self._desk_environment(), **settings)

    def _desk_environment(self):
        key = base64.b64encode(KEY).decode()
        return {
            "PAYDESK_DATABASE_URL": self.app_url,
            "PAYDESK_PUBLIC_URL": self.settings.public_url,
            "PAYDESK_PAGE_KEY": key,
            "PAYDESK_SEALING_KEY": key,
        }

    def _issuers_addresses(self):
        return {
            "sandbox_directory_url": f"https://127.0.0.1:{self.directory_port}/3ds",
            "threeds_url": f"https://127.0.0.1:{self.results_port}/3ds/results",
            "threeds_ca": str(self.certificates / "ca.pem"),
            "threeds_certificate": str(self.certificates / "threeds.pem"),
        }

    def _run(self, *arguments, **settings):
        environment = {
            "PATH": os.defpath,
            "PYTHONPATH": ":".join(sys.path),
            "PAYDESK_VAULT_URL": f"unix:{self.folder}/v.sock",
            "PAYDESK_VAULT_DATABASE_URL": self.vault_db_url,
            "PAYDESK_VAULT_KEY": base64.b64encode(KEY).decode(),
            "PAYDESK_SANDBOX_URL": self.sandbox_url,
            "PAYDESK_SANDBOX_SPEED": "0.05",
            "PAYDESK_LOG_LEVEL": "error",
            **(
                {variable(name): value for name, value in self._issuers_addresses().items()}
                if self.asks_issuers
                else {}
            ),
            **settings,
        }
        command = [sys.executable, "-m", "paydesk", *arguments]
        self.processes.append(subprocess.Popen(command, env=environment))
        return self.processes[-1]

    def _are_up(self):
        try:
            is_sandbox_up = httpx2.get(f"{self.sandbox_url}/health").status_code == 200
            if self.asks_issuers:
                socket.create_connection(("127.0.0.1", self.results_port)).close()
        except (httpx2.TransportError, OSError):
            return False
        return is_sandbox_up and asyncio.run(self._is_vault_open())

    async def _is_vault_open(self):
        vault = Vault(self.settings.vault_url)
        try:
            return await vault.health()
        finally:
            await vault.close()

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(10)
        self._folder.cleanup()

    # What the oracle asks of a server.

    def database_url(self):
        return self.owner_url

    def acquirer_log(self):
        return oracle.read_log(self.log)


@dataclass
class Workshop:
    """A desk to work at, and the one merchant's test account."""

    programs: Programs
    desk: Desk
    owner: asyncpg.Connection
    guard: Guard | None = None

    @property
    def db(self):
        return self.desk.db

    @property
    def acquiring(self):
        return self.desk.acquiring

    @property
    def account(self):
        issued = self.programs.issued
        return Account(issued.account_id, False, "Corner shop", "sandbox", 1)

    async def create(self, *, notify_url=NOTIFY_URL, life_seconds=7200, **changes):
        """A fresh checkout, as its page shows it."""
        terms = checkouts.Terms(
            is_live=False,
            loopback_allowed=True,
            payment_methods=(CARD,),
            life_seconds=life_seconds,
        )
        body = {
            "mode": "one-off",
            "amount": "1200.00",
            "currency": "ZAR",
            "order": {"reference": "ORD0045", "description": "Monthly plan"},
            "customer": CUSTOMER,
            "redirects": {
                "success_url": "https://merchant.example/paid",
                "cancel_url": "https://merchant.example/cart",
                "notify_url": notify_url,
            },
            **changes,
        }
        command = checkouts.read_create(body, terms)
        hashed = token_hash(page_token(command.id, KEY, is_live=False))
        async with self.db.connection() as connection:
            await checkouts.create_checkout(connection, self.account, command, hashed)
        return await self.page(command.id)

    async def page(self, checkout_id):
        token = page_token(checkout_id, KEY, is_live=False)
        return await checkouts.open_page(self.db, token_hash(token))

    async def begin(self, page, number=None, *, attempt=None, browser=None):
        form = CardForm(number or card(), "12/40", "123", "J Doe")
        attempt = page.attempts + 1 if attempt is None else attempt
        return await checkouts.begin(
            self.db,
            self.acquiring,
            page,
            form,
            browser or NO_SCRIPT,
            attempt=attempt,
            guard=self.guard,
            method=CARD,
            consent="Charge it again." if page.saves_card else None,
        )

    async def pay(self, page, number=None):
        begun = await self.begin(page, number)
        await checkouts.finish(self.db, self.acquiring, begun)
        return begun.transaction

    async def cancel(self, page, reason="customer"):
        return await self.db.transact(
            lambda connection: checkouts.cancel_checkout(
                connection, page.account_id, page.id, reason=reason
            )
        )

    async def hold(self, number=None):
        """An authorised transaction of 1200.00, nothing of it captured."""
        page = await self.create(payment={"payment_type": "PRE_AUTHORIZATION"})
        return await self.pay(page, number)

    async def sale(self, number=None):
        """A paid transaction of 1200.00."""
        return await self.pay(await self.create(), number)

    async def stored(self, number=None):
        """A customer's id and the token of a card that they paid with once, and had saved."""
        paid = await self.sale(number)

        async def save(connection):
            card = await cards.card_of(connection, paid.account_id, paid.card_id)
            agreed = replace(card, consent="Save this card.")
            return await cards.keep_if_agreed(connection, paid.account_id, paid.customer_id, agreed)

        saved = await self.db.transact(save)
        await cards.look_at_card(self.db, self.acquiring.vault, paid.account_id, saved.id)
        return paid.customer_id, saved.token

    async def begin_modification(self, transaction, kind, amount=None):
        """A modification committed and not sent; amount is in minor units."""
        money = None if amount is None else replace(transaction.amount, minor=amount)
        return await self.db.transact(
            lambda connection: modifications.begin(
                connection,
                transaction.account_id,
                transaction.id,
                ModificationKind(kind),
                amount=money,
                due_seconds=self.acquiring.due_seconds,
            )
        )

    async def modify(self, transaction, kind, amount=None):
        begun = await self.begin_modification(transaction, kind, amount)
        return await modifications.finish(self.db, self.acquiring, begun)

    async def look_at_modification_until_settled(self, modification):
        """What the worker does with it, again and again; the state it comes to."""
        for _ in range(12):
            state = await self.db.value(
                "select state from modifications where id = $1", modification.id
            )
            if state in oracle.AT_REST:
                return state
            await self.db.execute(
                "update modifications set due_at = now() where id = $1", modification.id
            )
            await modifications.look_at_modification(
                self.db, self.acquiring, modification.account_id, modification.id
            )
        raise AssertionError(f"still {state}")

    async def modifications(self, transaction):
        """All that was done with it, oldest first."""
        async with self.db.connection() as connection:
            found = await modifications.of_transactions(
                connection, transaction.account_id, [transaction.id]
            )
        return found.get(transaction.id, ())

    async def found(self, transaction):
        """The transaction as it stands."""
        async with self.db.connection() as connection:
            return await transactions.find(connection, transaction.account_id, transaction.id)

    async def transaction(self, transaction_id):
        """The transaction with this id."""
        async with self.db.connection() as connection:
            return await transactions.find(connection, self.account.id, transaction_id)

    async def die_before_sending(self):
        """What a worker leaves that dies after committing due charges, before it sends them."""
        await charge.begin_due(self.db, self.acquiring, None, count_max=100)

    async def order_status(self, transaction):
        return await self.db.value("select status from orders where id = $1", transaction.order_id)

    async def look(self, transaction):
        """What the worker does when its time has come."""
        await self.db.execute(
            "update transactions set due_at = now() where id = $1 and due_at is not null",
            transaction.id,
        )
        await checkouts.look_at_attempt(
            self.db, self.acquiring, transaction.account_id, transaction.id
        )

    async def look_until_settled(self, transaction):
        for _ in range(12):
            state = await self.state(transaction)
            if state in oracle.AT_REST:
                return state
            await self.look(transaction)
        raise AssertionError(f"still {state}")

    async def state(self, transaction):
        """The attempt's state."""
        return await self.db.value("select state from transactions where id = $1", transaction.id)

    async def events(self, page):
        """The events about a checkout, in their order."""
        rows = await self.db.rows(
            "select type from events where checkout_id = $1 order by sequence", page.id
        )
        return [row["type"] for row in rows]

    async def facts(self, transaction):
        """What the ledger has of an attempt."""
        rows = await self.db.rows(
            "select fact from ledger_entries where transaction_id = $1 order by id", transaction.id
        )
        return [row["fact"] for row in rows]

    def acquirer_log(self, transaction):
        """(kind, outcome) of what the acquirer did about an attempt."""
        return [
            (line["kind"], line["outcome"])
            for line in self.programs.acquirer_log()
            if line["reference"] == transaction.id
        ]

    async def assert_books_are_right(self):
        books = await oracle.read(self.programs.owner_url)
        faults = oracle.judge(books, self.programs.acquirer_log())
        assert faults == [], "\n".join(faults)

    def deliverer(self, *, retry_seconds=(60, 300, 1500), loopback_allowed=True):
        return webhooks.Deliverer(
            self.db,
            self.acquiring.outbound,
            self.desk.sealer,
            retry_seconds=retry_seconds,
            loopback_allowed=loopback_allowed,
        )


async def open_workshop(programs):
    desk = await open_desk(programs.settings, connections_max=10)
    owner = await asyncpg.connect(programs.owner_url)
    return Workshop(programs, desk, owner)
