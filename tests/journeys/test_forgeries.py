"""What forgers try: results that no issuer gave, by the payer's browser, by server, by proof.

None of it moves money, and what it was tried on goes on as if nothing had been.
Source: reliability paper 3DS-5, 3DS-6 and 3DS-9, A.5.1, A.7 and A.11.
"""

import base64
import json
import random
import ssl
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx2
import pytest

import oracle
from issuing import CODE, CardHolder, Forms, true_value
from paydesk.kit.certificates import make_certificates
from world import Receiver, Server, with_check_digit

# Payers here are long at their challenges: at this speed an issuer waits for them 10 minutes.
SETTINGS = {"PAYDESK_SANDBOX_SPEED": "1"}
TOGETHER = 16
VERSIONS = {"2.2.0": 1, "2.3.1": 2}  # by d1
OTHERS = {"2.2.0": "2.3.1", "2.3.1": "2.2.0"}
VALUE = base64.b64encode(bytes([1, *range(19)])).decode()
PREFIXES = {"40000012": "05", "52000012": "02"}  # and the indicator of who is authenticated


@dataclass
class Challenged:
    """A payer before the issuer's page, and all that a forger could want to know of it."""

    holder: CardHolder
    checkout: dict
    number: str
    issuers_page: httpx2.Response
    session: str
    row: dict
    notification_url: str

    @property
    def version(self):
        return self.row["version"]

    def ids(self):
        return {
            "messageVersion": self.version,
            "threeDSServerTransID": self.row["id"],
            "acsTransID": self.row["issuer_id"],
        }

    def cres(self, status="Y", **changes):
        return {"messageType": "CRes", **self.ids(), "transStatus": status, **changes}

    def rreq(self, status="Y", **changes):
        proof = {"authenticationValue": VALUE, "eci": "05"}
        why = {"transStatusReason": "01"}
        return {
            "messageType": "RReq",
            **self.ids(),
            "dsTransID": self.row["directory_id"],
            "messageCategory": "01",
            "transStatus": status,
            **(proof if status in {"Y", "A"} else why),
            **changes,
        }

    def post(self, message, **fields):
        """Posts a CRes to the address that this payer is to come back to."""
        form = {"cres": as_base64(message), "threeDSSessionData": self.session, **fields}
        return self.holder.http.post(self.notification_url, data=form, timeout=30)

    def finish(self, *codes):
        """The payer goes on, and comes back: the page that is shown in the end."""
        page = self.issuers_page
        for code in codes:
            page = self.holder.submit(page, code=code)
        self.holder.come_back(page)
        return self.holder.settled(seconds=60)


def as_base64(message):
    raw = message if isinstance(message, bytes) else json.dumps(message).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class World:
    server: Server
    receiver: Receiver
    merchant: object
    http: httpx2.Client

    def challenge(self, count, *, d4="2", prefixes=("40000012",)):
        """Payers before the issuer's page, of both versions by turns."""

        def one(number):
            d1 = list(VERSIONS.values())[number % 2]
            prefix = prefixes[number // 2 % len(prefixes)]
            card = with_check_digit(f"{prefix}000{d1}17{d4}")
            checkout = self.merchant.create(self.receiver.url)
            holder = CardHolder(checkout, http=self.http)
            holder.open().pay(number=card)
            bounce = holder.get("/authentication/challenge")
            ((_, inputs),) = Forms(bounce.text).found
            return holder, checkout, card, holder.submit(bounce), inputs["threeDSSessionData"]

        with ThreadPoolExecutor(TOGETHER) as threads:
            payers = list(threads.map(one, range(count)))
        rows = {row["checkout_id"]: row for row in self.authentications(p[1] for p in payers)}
        urls = {
            line["server_id"]: line["notification_url"]
            for line in self.server.sandbox_log("issuer")
            if "notification_url" in line
        }
        return [
            Challenged(*payer, rows[payer[1]["id"]], urls[rows[payer[1]["id"]]["id"]])
            for payer in payers
        ]

    def pay(self, digits):
        """Somebody who pays with such a card of either version, without a challenge."""
        checkout = self.merchant.create(self.receiver.url)
        card = with_check_digit(f"40000012000{digits}")
        holder = CardHolder(checkout, http=self.http)
        holder.open().pay(number=card)
        holder.settled()
        (row,) = self.authentications([checkout])
        return Challenged(holder, checkout, card, holder.page, "", row, "")

    def authentications(self, checkouts):
        rows = oracle.select(
            self.server,
            """
            select n.*, t.checkout_id, t.state as attempt_state, t.decline_reason
            from authentications n join transactions t on t.id = n.transaction_id
            where t.checkout_id = any($1)
            """,
            [checkout["id"] for checkout in checkouts],
        )
        return [dict(row) for row in rows]

    def results(self, challenged):
        """The messages of results that were kept."""
        rows = oracle.select(
            self.server,
            "select body from authentication_messages where authentication_id = $1 and kind = $2",
            challenged.row["id"],
            "RReq",
        )
        return [json.loads(row["body"]) for row in rows]

    def authorised(self, several):
        references = {one.row["transaction_id"] for one in several}
        return [line for line in self.server.acquirer_log() if line["reference"] in references]

    def seen(self, several):
        """What the database has of these authentications, but for what browsers brought."""
        rows = self.authentications([one.checkout for one in several])
        hints = {"returned_at", "returned_status"}
        return {row["id"]: {k: v for k, v in row.items() if k not in hints} for row in rows}


@pytest.fixture(scope="module")
def world(open_folder):
    receiver = Receiver()
    server = Server(open_folder() / "data", settings=SETTINGS).start()
    merchant = server.merchant()
    merchant.body()
    with httpx2.Client(limits=httpx2.Limits(max_connections=None)) as http:
        yield World(server, receiver, merchant, http)
    assert server.stop() == 0
    receiver.close()


# What a payer's browser brings back ------------------------------------------------------------


def forged_returns(one, another, paid, failed):
    """Twenty forms for one payer's address: what each brings, and where to."""
    session = {"threeDSSessionData": another.session}
    yield one, one.cres(), {}  # the payer's own word: it may be true one day
    yield one, one.cres(), {}
    yield one, one.cres(), {"threeDSSessionData": ""}
    yield one, one.cres(), {"threeDSSessionData": "x" * 1024}
    yield one, one.cres(), session
    yield one, another.cres(), {}
    yield one, another.cres(), session
    yield one, one.cres(threeDSServerTransID=another.row["id"]), {}
    yield one, one.cres(acsTransID=another.row["issuer_id"]), {}
    yield one, one.cres(acsTransID=str(uuid.uuid4())), {}
    yield one, one.cres(messageVersion="9.9.9"), {}
    yield one, one.cres("A"), {}
    yield one, one.cres(messageType="RReq"), {}
    yield one, {**one.rreq(), "messageType": "CRes"}, {}
    yield one, b"\x00\xff no JSON", {}
    yield one, b"[" * 5000, {}
    yield one, one.cres(), {"cres": as_base64(one.cres())[:-3] + "*=="}
    yield one, one.cres(), {"more": "x" * 70_000}
    yield failed, failed.cres(), {}
    yield paid, paid.cres(), {}


def test_two_hundred_forged_returns_pay_nothing_and_harm_nothing(world):
    waiting = world.challenge(10)
    paid, failed = world.challenge(2)
    assert paid.finish(CODE) == "paid"
    assert failed.finish("1", "2", "3") == "declined"
    everybody = [*waiting, paid, failed]
    before, charged = world.seen(everybody), world.authorised(everybody)
    assert len(charged) == 1

    forged = [
        forgery
        for number, one in enumerate(waiting)
        for forgery in forged_returns(one, waiting[number - 1], paid, failed)
    ]
    assert len(forged) == 200
    with ThreadPoolExecutor(TOGETHER) as threads:
        answers = list(threads.map(lambda f: f[0].post(f[1], **f[2]).status_code, forged))
    assert set(answers) <= {200, 413}

    assert {one.holder.open().state for one in waiting} <= {"challenge", "processing", "waiting"}
    assert [one.holder.open().state for one in (paid, failed)] == ["paid", "declined"]
    assert (world.seen(everybody), world.authorised(everybody)) == (before, charged)
    # And the true result still counts, whichever it is.
    ends = [one.finish(*(["1", "2", "3"] if n % 2 else [CODE])) for n, one in enumerate(waiting)]
    assert ends == ["paid", "declined"] * 5


def test_an_address_that_nobody_was_given_leads_nowhere(world):
    (one,) = world.challenge(1)
    home, _, secret = one.notification_url.rpartition("/")
    forms = {"cres": as_base64(one.cres()), "threeDSSessionData": one.session}
    for wrong in (secret[:-1], secret + "A", secret.swapcase(), one.row["id"], "x" * 3000):
        assert world.http.post(f"{home}/{wrong}", data=forms).status_code in {404, 414}
    assert one.holder.open().state == "challenge"
    assert world.authorised([one]) == []
    assert one.finish(CODE) == "paid"


# What comes as from the directory server -------------------------------------------------------


@pytest.fixture(scope="module")
def directory(world):
    """A client with the directory server's own certificate."""
    context = caller(world.server.data / "certificates", "directory.pem")
    with httpx2.Client(verify=context) as client:
        yield lambda message: tell(client, world, message)


def caller(folder, certificate=None, *, ca=None):
    context = ssl.create_default_context(cafile=ca or folder / "ca.pem")
    if certificate:
        context.load_cert_chain(folder / certificate)
    return context


def tell(client, world, message):
    """Sends a result: what kind of message answers, and the error's code if it is one."""
    raw = message if isinstance(message, bytes) else json.dumps(message).encode()
    answer = client.post(
        world.server.running()["threeds_url"],
        content=raw,
        headers={"Content-Type": "application/JSON; charset=UTF-8"},
    )
    assert answer.status_code == 200
    said = answer.json()
    return said["messageType"], said.get("errorCode") or said.get("resultsStatus")


@pytest.mark.parametrize("certificate", [None, "directory.pem"])
def test_two_hundred_results_of_strangers_are_not_even_read(world, tmp_path, certificate):
    """Without a certificate, or with one of an authority that is not ours."""
    make_certificates(tmp_path, ["threeds", "directory", "issuer"])
    waiting = world.challenge(2)
    before = world.seen(waiting)
    ours = world.server.data / "certificates"
    context = caller(tmp_path, certificate, ca=ours / "ca.pem")

    def knock(number):
        with httpx2.Client(verify=context) as client:
            try:
                return tell(client, world, waiting[number % 2].rreq())
            except httpx2.TransportError:
                return "refused"

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(knock, range(200))) == {"refused"}
    assert world.seen(waiting) == before
    assert [world.results(one) for one in waiting] == [[], []]
    assert [one.finish(CODE) for one in waiting] == ["paid", "paid"]


def forged_results(one, another, ended, unasked):
    """Results that the directory server itself would be refused, and the code that says why."""
    other = OTHERS[one.version]
    is_first = one.version == "2.2.0"
    yield one.rreq(threeDSServerTransID=str(uuid.uuid4())), "301"
    yield one.rreq(threeDSServerTransID=str(uuid.uuid4()), transStatus="A"), "301"
    yield one.rreq(acsTransID=str(uuid.uuid4())), "305"
    yield one.rreq(acsTransID=another.row["issuer_id"]), "305"
    yield one.rreq(dsTransID=str(uuid.uuid4())), "305"
    yield one.rreq(dsTransID=another.row["directory_id"]), "305"
    yield one.rreq(threeDSServerTransID=another.row["id"]), "305"
    yield one.rreq(messageVersion=other), "305"
    yield one.rreq(messageCategory="02"), "305"
    yield one.rreq(messageVersion="2.1.0"), "102"
    yield one.rreq(messageType="RRes"), "101"
    yield one.rreq(messageType="CRes"), "101"
    yield one.rreq(transStatus="C"), "203"
    yield one.rreq(transStatus="y"), "203"
    yield one.rreq(transStatus=None), "203"
    yield one.rreq(authenticationValue=None), "203"
    yield one.rreq(authenticationValue=VALUE[:-2]), "203"
    yield one.rreq(eci="5"), "203"
    yield one.rreq(dsTransID="1"), "203"
    yield {k: v for k, v in one.rreq().items() if k != "authenticationValue"}, "201"
    yield {k: v for k, v in one.rreq().items() if k != "acsTransID"}, "201"
    yield {k: v for k, v in one.rreq("N").items() if k != "transStatusReason"}, "201"
    yield json.dumps(one.rreq()).encode()[:-1] + b', "transStatus": "N"}', "204"
    yield json.dumps(one.rreq()).encode()[:-9], "101"
    for status in ("Y", "A", "N", "U", "R"):
        # The first result stands, whatever comes after it.
        yield ended.rreq(status), "305" if is_first else "312"
        yield ended.rreq(status, interactionCounter="07"), "305" if is_first else "312"
        for never in unasked:
            yield never.rreq(status), "305" if is_first else "313"


def test_six_hundred_results_that_fit_nothing_are_refused_and_change_nothing(world, directory):
    """With the directory server's own certificate: the right code for each, and no effect."""
    waiting = world.challenge(20)
    ended = world.challenge(4)
    codes = [[CODE]] * 2 + [["1", "2", "3"]] * 2
    ends = [one.finish(*typed) for one, typed in zip(ended, codes, strict=True)]
    assert ends == ["paid", "paid", "declined", "declined"]
    unasked = {
        version: [world.pay(f"{d1}1{d3}0") for d3 in (0, 1, 2, 5)]
        for version, d1 in VERSIONS.items()
    }
    everybody = [*waiting, *ended, *unasked["2.2.0"], *unasked["2.3.1"]]
    before, charged = world.seen(everybody), world.authorised(everybody)
    kept = [world.results(one) for one in everybody]

    wrong, count = [], 0
    for number, one in enumerate(waiting):
        of_version = [two for two in ended if two.version == one.version]
        another = waiting[number - 2]
        for message, code in forged_results(
            one, another, of_version[number // 2 % 2], unasked[one.version]
        ):
            count += 1
            if (told := directory(message)) != ("Erro", code):
                wrong.append((message, code, told))
    assert wrong == []
    assert count >= 600
    assert (world.seen(everybody), world.authorised(everybody)) == (before, charged)
    assert [world.results(one) for one in everybody] == kept
    with ThreadPoolExecutor(TOGETHER) as threads:
        assert set(threads.map(lambda one: one.finish(CODE), waiting)) == {"paid"}


def test_the_same_result_again_is_answered_as_its_version_has_it(world, directory):
    """2.2.0 has no word for a repeat, whose first answer may have been lost. 2.3.1 has."""
    for one in world.challenge(2):
        denied = one.rreq("N")
        assert directory(denied) == ("RRes", "01")
        again = {"2.2.0": ("RRes", "01"), "2.3.1": ("Erro", "312")}[one.version]
        assert [directory(denied) for _ in range(5)] == [again] * 5
        assert one.holder.settled() == "declined"
        assert len(world.results(one)) == 1
        assert world.authorised([one]) == []


@pytest.mark.parametrize("way", ["expired", "cancelled", "left"])
def test_a_result_that_comes_too_late_is_kept_and_ignored(world, directory, way):
    waiting = world.challenge(2)
    for one in waiting:
        if way == "expired":
            oracle.select(
                world.server,
                "update transactions set due_at = now() where id = $1 returning id",
                one.row["transaction_id"],
            )
        elif way == "cancelled":
            world.merchant.paydesk.checkouts.cancel(one.checkout["id"])
        else:
            leave(one.holder)
        page = {"cancelled": "cancelled"}.get(way, "declined")
        assert one.holder.comes_to(page)
        before = world.seen([one])
        assert directory(one.rreq("Y")) == ("RRes", "01")
        assert directory(one.rreq("N")) == ("Erro", {"2.2.0": "305"}.get(one.version, "312"))
        assert [kept["transStatus"] for kept in world.results(one)] == ["Y"]
        assert world.seen([one]) == before
        assert world.authorised([one]) == []
        assert one.holder.open().state == page


def leave(holder):
    holder.page = holder.get("/authentication/leave")
    action, hidden = holder.form('name="leave"')
    holder.page = holder.post(httpx2.URL(holder.url).join(action), hidden)


def test_a_yes_with_a_proof_that_no_issuer_made_is_refused_by_the_acquirer(world, directory):
    """Whoever has the directory server's certificate still can't make an issuer's proof."""
    for one in world.challenge(2):
        assert directory(one.rreq("Y")) == ("RRes", "01")
        assert one.holder.settled() == "declined"
        (line,) = world.authorised([one])
        assert (line["outcome"], line["reason"]) == ("declined", "authentication_failed")


def test_all_forgeries_left_the_books_in_order(world):
    oracle.assert_all_is_well(world.server, world.receiver)


# Proofs ----------------------------------------------------------------------------------------


class Acquirer:
    """The sandbox acquirer, called by whoever likes to."""

    def __init__(self, world):
        self.http, self.url = world.http, world.server.running()["sandbox_url"]

    def authorise(self, order):
        answer = self.http.post(
            f"{self.url}/v1/authorisations",
            json={**order, "reference": f"forged_{uuid.uuid4().hex}"},
            headers={"Authorization": "Bearer sandbox"},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        said = answer.json()
        return said["result"], said["reason"], said["eci"]


def true_order(world, one):
    """What we would send for this payer, had the issuer said yes: with the issuer's true proof."""
    eci = PREFIXES[one.number[:8]]
    row = one.row
    return {
        "order": "ORD0045",
        "amount": 120000,
        "currency": "ZAR",
        "capture": True,
        "card": {
            "number": one.number,
            "expire_month": "12",
            "expire_year": "2030",
            "security_code": "123",
            "name": "J Doe",
        },
        "authentication": {
            "version": one.version,
            "eci": eci,
            "directory_id": row["directory_id"],
            "server_id": row["id"],
            "issuer_id": row["issuer_id"],
            "status": "C",
            "result_status": "Y",
            "acquirer_bin": "400000",
            "acquirer_merchant_id": "ACQ-MERCHANT-1",
            "merchant_name": "Test shop",
            "merchant_country": "ZA",
            "value": true_value(world.server, row["issuer_id"], one.number, eci),
        },
    }


def tampered(order, another, chance):
    """Fifty orders that are not quite this one."""

    def proof(**changes):
        return {**order, "authentication": {**order["authentication"], **changes}}

    def card(number):
        return {**order, "card": {**order["card"], "number": number}}

    number, told = order["card"]["number"], order["authentication"]
    for amount in (0, 1, 119_999, 120_001, 12_000, 1_200_000, 240_000):
        yield {**order, "amount": amount}
    for currency in ("USD", "EUR", "JPY", "NAD", "BHD"):
        yield {**order, "currency": currency}
    for f3 in range(1, 5):
        yield card(with_check_digit(f"{number[:10]}{f3}{number[11:15]}"))
    other_scheme = "52000012" if number.startswith("4") else "40000012"
    yield card(with_check_digit(other_scheme + number[8:15]))
    yield card("4242424242424242")
    yield card("5555555555554444")
    for eci in {"05", "06", "07", "02", "01", "00", "04", "N2"} - {told["eci"]}:
        yield proof(eci=eci)
    yield proof(result_status="A")
    for status in ("N", "R", "C", "", "y"):
        yield proof(status=status, result_status=status)
    yield proof(acquirer_merchant_id="ACQ-MERCHANT-2")
    yield proof(acquirer_bin="520000")
    for issuer_id in (another, str(uuid.uuid4()), told["server_id"], told["issuer_id"].upper()):
        yield proof(issuer_id=issuer_id)
    for value in (None, "", VALUE, told["value"][::-1], told["value"].lower()):
        yield proof(value=value)
    raw = base64.b64decode(told["value"])
    for bit in chance.sample(range(160), 8):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        yield proof(value=base64.b64encode(flipped).decode())


def test_a_thousand_tampered_proofs_are_never_approved(world):
    """And the untouched one is, once: by whoever is first, which here is not us."""
    waiting = world.challenge(20, prefixes=tuple(PREFIXES))
    acquirer, chance = Acquirer(world), random.Random(7)
    orders = [true_order(world, one) for one in waiting]
    forged = [
        forgery
        for number, order in enumerate(orders)
        for forgery in tampered(order, waiting[number - 2].row["issuer_id"], chance)
    ]
    assert len(forged) >= 1000
    with ThreadPoolExecutor(TOGETHER) as threads:
        outcomes = set(threads.map(acquirer.authorise, forged))
    assert outcomes == {("declined", "authentication_failed", None)}

    stolen, left = orders[:10], waiting[10:]
    for order in stolen:
        told = order["authentication"]
        assert acquirer.authorise(order) == ("approved", None, told["eci"])
        assert acquirer.authorise(order) == ("declined", "authentication_failed", None)
    # It was the issuer's own: now that it is used up, the payer's true one is worth nothing.
    assert {one.finish(CODE) for one in waiting[:10]} == {"declined"}
    assert {one.finish(CODE) for one in left} == {"paid"}
    for order in orders[10:]:
        assert acquirer.authorise(order) == ("declined", "authentication_failed", None)


def test_an_order_that_claims_no_authentication_is_charged_as_one_without(world):
    """It may be approved, at the risk of who sent it: the acquirer says so by its indicator."""
    acquirer = Acquirer(world)
    without = {"40000012": "07", "52000012": "00"}
    for one in world.challenge(4, prefixes=tuple(PREFIXES)):
        order = true_order(world, one)
        eci = without[one.number[:8]]
        unproven = {**order["authentication"], "result_status": "U"}
        assert acquirer.authorise({**order, "authentication": unproven}) == ("approved", None, eci)
        del order["authentication"]
        assert acquirer.authorise(order) == ("approved", None, eci)
        assert one.finish(CODE) == "paid"
