"""Every way that a card's issuer can answer, of each scheme, version and browser: where it ends.

Of all combinations those are gone through that have each two of these together; `make matrix` goes
through all.
What is expected is written out from the reliability paper: the decision by A.9, the cards by
A.11, the reasons and the cancellations of results by A.5.1, A.6 and A.8.
"""

import base64
import json
import os
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from html import unescape
from itertools import combinations, product

import httpx2
import pytest

import oracle
from issuing import CODE, CardHolder, true_value
from world import Receiver, Server, eventually, with_check_digit

# Half speed: an issuer gives up after 5 s on a payer who never comes, whom a loaded machine
# must not be taken for; a result that comes late is 1.5 s late.
SETTINGS = {"PAYDESK_SANDBOX_SPEED": "0.5", "PAYDESK_ACQUIRER_TIMEOUT_SECONDS": "15"}
TOGETHER = 32


@dataclass(frozen=True)
class Scheme:
    """The first digits, and the indicator by what was proven: all, an attempt, nothing."""

    prefix: str
    authenticated: str
    attempted: str
    without: str


SCHEMES = {
    "visa": Scheme("40000012", "05", "06", "07"),
    "mastercard": Scheme("52000012", "02", "01", "00"),
}
VERSIONS = {1: "2.2.0", 2: "2.3.1"}


@dataclass(frozen=True)
class Browser:
    """How the method frame goes: d2, whether scripts run, and what the issuer is told of it."""

    d2: int
    is_scripted: bool
    completion: str


BROWSERS = {
    "method": Browser(0, True, "Y"),
    "no method": Browser(1, True, "U"),
    "method silent": Browser(2, True, "N"),
    "method late": Browser(3, True, "N"),
    "method's id wrong": Browser(4, True, "N"),
    "no script": Browser(0, False, "N"),
    "no script, no method": Browser(1, False, "U"),
}


@dataclass(frozen=True)
class Ending:
    """How an answer ends, and what is on record of it.

    Shape: d is d3 and d4. codes are what the payer types; None, where nothing is typed. said is
        the ARes's transStatus, result the RReq's transStatus, reason and cancellation. eci names
        a field of Scheme, None where nothing is authorised.
    """

    d: str
    reason: str | None
    said: str | None
    eci: str | None = None
    codes: tuple | None = None
    result: tuple | None = None
    text: str | None = None

    @property
    def is_challenged(self):
        return self.said == "C"

    @property
    def messages(self):
        return ["AReq", *["ARes"] * (self.d[0] != "6"), *["RReq"] * (self.result is not None)]

    @property
    def page(self):
        return "paid" if self.eci else "declined"

    @property
    def events(self):
        last = "checkout.completed" if self.eci else "checkout.failed"
        return ["checkout.pending"] * self.is_challenged + [last]

    @property
    def moves(self):
        if self.eci == "without":
            return ["authenticating", "submitting", "approved"]
        if self.eci:
            return ["authenticating", "authenticated", "submitting", "approved"]
        return ["authenticating", "auth_failed"]


FAILED, AWAY = "authentication_failed", "authentication_unavailable"
PASSED = ("Y", None, None)
DENIED = ("N", "01", None)
NO_TEXT = "Your bank could not confirm that it is you. Please call the number on your card."
REJECTED_TEXT = "Your bank does not allow this payment. Please call the number on your card."

ENDINGS = {
    "Y": Ending("00", None, "Y", "authenticated"),
    "N": Ending("10", FAILED, "N", text=NO_TEXT),
    "A": Ending("20", None, "A", "attempted"),
    "R": Ending("30", FAILED, "R", text=REJECTED_TEXT),
    "I": Ending("40", AWAY, "I"),
    "U": Ending("50", AWAY, "U"),
    "no answer": Ending("60", AWAY, None),
    "Erro": Ending("80", AWAY, None),
    "malformed": Ending("90", AWAY, None),
    "C, passes": Ending("70", None, "C", "authenticated", result=PASSED),
    "C, fails": Ending("71", FAILED, "C", result=DENIED),
    "C, right code": Ending("72", None, "C", "authenticated", (CODE,), PASSED),
    "C, right code at last": Ending("72", None, "C", "authenticated", ("000000", "", CODE), PASSED),
    "C, wrong codes": Ending("72", FAILED, "C", None, ("1", "2", "3"), ("N", "19", None)),
    "C, issuer's time-out": Ending("73", "expired", "C", result=("N", "14", "04")),
    "C, payer cancels": Ending("74", "cancelled_by_payer", "C", result=("N", "01", "01")),
    "C, no result": Ending("75", "expired", "C"),
    "C, result late": Ending("76", None, "C", "authenticated", result=PASSED),
    "C, result twice": Ending("77", None, "C", "authenticated", result=PASSED),
    "C, result contradicts": Ending("78", FAILED, "C", result=DENIED),
    "C, escaping": Ending("79", None, "C", "authenticated", (CODE,), PASSED),
    "C, escaping, wrong codes": Ending("79", FAILED, "C", None, ("1", "2", "3"), ("N", "19", None)),
}
SLOW = {"60", "73"}
ANSWERS_WITHOUT_RESULT = {"I", "U", "no answer", "Erro", "malformed"}


@dataclass(frozen=True)
class Case:
    scheme: Scheme
    d1: int
    browser: Browser
    ending: Ending

    @property
    def number(self):
        return with_check_digit(f"{self.scheme.prefix}000{self.d1}{self.browser.d2}{self.ending.d}")


IS_WHOLE = os.environ.get("MATRIX") == "whole"
_PAIRS = list(product(SCHEMES, VERSIONS))


def _is_gone_through(scheme, d1, browser, ending):
    """Whether it is one of a quarter that has each two of scheme, version, browser and ending."""
    turn = list(BROWSERS).index(browser) + list(ENDINGS).index(ending)
    return IS_WHOLE or _PAIRS[turn % len(_PAIRS)] == (scheme, d1)


CASES = {
    f"{scheme}, {version}, {browser}, {ending}": Case(
        SCHEMES[scheme], d1, BROWSERS[browser], ENDINGS[ending]
    )
    for scheme in SCHEMES
    for d1, version in VERSIONS.items()
    for browser in BROWSERS
    for ending in ENDINGS
    if _is_gone_through(scheme, d1, browser, ending)
}

# What a merchant may decide: to charge where the issuer can't say whose the card is, or takes no
# part. A no, and a challenge that was left, are never gone over.
OFF = {"charge_if_unavailable": False, "charge_if_not_enrolled": False}
POLICIES = {
    "off": OFF,
    "unavailable": {**OFF, "charge_if_unavailable": True},
    "not enrolled": {**OFF, "charge_if_not_enrolled": True},
}
UNASKED = {0: "card_not_supported", 9: AWAY}  # d1: not enrolled; no version in common
CHARGED_IF = {0: "not enrolled", 9: "unavailable"}


def _charged(name, policy):
    """An ending under a policy: where the issuer said neither yes nor no, it is charged."""
    ending = ENDINGS[name]
    if name in ANSWERS_WITHOUT_RESULT and policy == "unavailable":
        return replace(ending, reason=None, eci="without")
    return ending


_HALF = {("visa", "unavailable"), ("mastercard", "not enrolled")}
POLICY_CASES = {
    f"{scheme}, {policy}, {name}": (policy, Case(SCHEMES[scheme], 1, BROWSERS["no method"], ending))
    for scheme in SCHEMES
    for policy in ("unavailable", "not enrolled")
    for turn, name in enumerate(ENDINGS)
    if IS_WHOLE or (turn % 2 == 0) == ((scheme, policy) in _HALF)
    for ending in [_charged(name, policy)]
}
UNASKED_CASES = {
    f"{scheme}, {policy}, d1={d1}": (policy, Case(SCHEMES[scheme], d1, BROWSERS["method"], ending))
    for scheme in SCHEMES
    for policy in POLICIES
    for d1 in UNASKED
    for ending in [
        Ending("00", None, None, "without")
        if CHARGED_IF[d1] == policy
        else Ending("00", UNASKED[d1], None)
    ]
}


@dataclass
class World:
    server: Server
    receiver: Receiver
    http: httpx2.Client
    merchants: dict

    def pay(self, case, policy="off"):
        """Goes the payer's whole way, as far as it is in the payer's hands."""
        checkout = self.merchants[policy].create(self.receiver.url)
        holder = CardHolder(checkout, is_scripted=case.browser.is_scripted, http=self.http)
        holder.open().pay(number=case.number)
        if holder.state == "authenticating":
            _go_through_method(holder, case.browser)
        if case.ending.is_challenged:
            _go_through_challenge(holder, case)
        return holder, checkout["id"]


def _go_through_method(holder, browser):
    page = holder.submit(holder.get("/authentication/method"))
    if browser.d2 in {0, 4}:
        holder.submit(page)
    holder.go_on()
    if browser.d2 == 3:
        holder.submit(page)


def _go_through_challenge(holder, case):
    page = holder.open_challenge()
    if case.ending.codes is not None:
        for code in case.ending.codes:
            page = holder.submit(page, code=code)
    elif case.ending.d == "73":
        page = eventually(lambda: _over(holder, page), seconds=60, every=0.5)
    else:
        page = holder.submit(page)
    assert holder.come_back(page).status_code == 200


def _over(holder, page):
    """The issuer's page that leads back, once its waiting page comes to it."""
    _, path = re.findall(r"(/challenge/[0-9a-f-]+)", unescape(page.text))
    now = holder.http.get(page.url.join(path), timeout=30)
    return now if "cres" in now.text else None


@pytest.fixture(scope="module")
def world(open_folder):
    receiver = Receiver()
    server = Server(open_folder() / "data", settings=SETTINGS).start()
    merchants = {"off": server.merchant()}
    for policy in ("unavailable", "not enrolled"):
        merchant = server.merchant_with(server.new_merchant(policy)["test"])
        told = merchant.http.post("/merchant", json={"policies": POLICIES[policy]})
        assert told.status_code == 200
        merchants[policy] = merchant
    for merchant in merchants.values():
        merchant.body()  # what it looks up, once, before many do at once
    with httpx2.Client(limits=httpx2.Limits(max_connections=None)) as http:
        yield World(server, receiver, http, merchants)
    assert server.stop() == 0
    receiver.close()


@pytest.fixture(scope="module")
def paid(world):
    """All cases: their payers, and their checkouts' ids."""
    cases = {name: ("off", case) for name, case in CASES.items()} | POLICY_CASES | UNASKED_CASES
    # First those who wait longest.
    cases = dict(sorted(cases.items(), key=lambda one: one[1][1].ending.d not in SLOW))
    with ThreadPoolExecutor(TOGETHER) as threads:
        gone = threads.map(lambda one: world.pay(one[1], one[0]), cases.values())
        return dict(zip(cases, gone, strict=True))


@pytest.fixture(scope="module")
def books(world, paid):
    """What is on record when all has ended: the challenges without a result by moved time."""
    left = [id_ for name, (_, id_) in paid.items() if name.endswith("no result")]
    moved = oracle.select(
        world.server,
        """
        update transactions set due_at = now()
        where checkout_id = any($1) and state = 'authenticating' returning id
        """,
        left,
    )
    assert len(moved) == len(left)
    return oracle.assert_all_is_well(world.server, world.receiver, seconds=120)


@dataclass
class Record:
    """What all sides have of a case."""

    attempt: dict
    moves: list
    authentication: dict | None
    messages: list
    authorised: list
    events: list
    page: str
    text: str


@pytest.fixture(scope="module")
def records(world, paid, books):
    attempts = {row["checkout_id"]: row for row in books.transactions}
    asked = {row["transaction_id"]: row for row in books.authentications}
    log = world.server.acquirer_log()
    moves, messages, authorised, heard = {}, {}, {}, {}
    for row in books.transaction_moves:
        moves.setdefault(row["transaction_id"], []).append(row["to_state"])
    for row in oracle.select(
        world.server, "select * from authentication_messages order by authentication_id, sequence"
    ):
        messages.setdefault(row["authentication_id"], []).append(row)
    for line in log:
        authorised.setdefault(line["reference"], []).append(line)
    for one in world.receiver.got:
        heard.setdefault(one.checkout["id"], {})[one.checkout["sequence"]] = one.event

    def record(one):
        holder, id_ = one
        attempt = attempts[id_]
        authentication = asked.get(attempt["id"])
        page = holder.open()
        return Record(
            attempt,
            moves[attempt["id"]],
            authentication,
            messages[authentication["id"]] if authentication else [],
            authorised.get(attempt["id"], []),
            [event for _, event in sorted(heard[id_].items())],
            page.state,
            page.page.text,
        )

    with ThreadPoolExecutor(TOGETHER) as threads:
        return dict(zip(paid, threads.map(record, paid.values()), strict=True))


def test_every_digit_is_tried():
    digits = Counter(case.number[11:15] for case in CASES.values())
    assert {number[0] for number in digits} == set("12")
    assert {number[1] for number in digits} == set("01234")
    assert {number[2] for number in digits} == set("0123456789")
    assert {number[3] for number in digits if number[2] == "7"} == set("0123456789")
    assert len(CASES) == 7 * 22 * (4 if IS_WHOLE else 1)


def test_each_two_of_scheme_version_browser_and_ending_come_together():
    for one, other in combinations(("scheme", "d1", "browser", "ending"), 2):
        pairs = {(getattr(case, one), getattr(case, other)) for case in CASES.values()}
        apart = [{pair[side] for pair in pairs} for side in (0, 1)]
        assert len(pairs) == len(apart[0]) * len(apart[1])
    policies = {(policy, case.ending.d) for policy, case in POLICY_CASES.values()}
    assert len(policies) == 2 * len({ending.d for ending in ENDINGS.values()})


def assert_ended(record, case):
    ending = case.ending
    assert record.page == ending.page
    assert record.events == ending.events
    assert record.moves == ending.moves
    assert record.attempt["decline_reason"] == ending.reason
    assert (ending.text in record.text) if ending.text else ("Your bank says" not in record.text)
    assert [
        (line["kind"], line["outcome"], line["authenticated"], line["eci"])
        for line in record.authorised
    ] == [
        ("authorise", "approved", eci != "without", getattr(case.scheme, eci))
        for eci in [ending.eci]
        if eci
    ]


def assert_asked(record, case):
    """The issuer was asked once, as its browser was, and its word is on record."""
    ending, version = case.ending, VERSIONS[case.d1]
    row, bodies = record.authentication, [json.loads(row["body"]) for row in record.messages]
    assert [row["kind"] for row in record.messages] == ending.messages
    question = bodies[0]
    assert question["messageVersion"] == version
    assert question["threeDSCompInd"] == case.browser.completion
    assert question["browserJavascriptEnabled"] is case.browser.is_scripted
    assert (row["version"], row["state"], row["status"]) == (version, "ended", ending.said)
    result = (row["result_status"], row["result_reason"], row["challenge_cancel"])
    assert result == (ending.result or (None, None, None))
    assert (row["sealed_value"] is not None) == (ending.eci in {"authenticated", "attempted"})


@pytest.mark.parametrize("name", CASES)
def test_it_ends_as_the_papers_say(records, name):
    assert_ended(records[name], CASES[name])
    assert_asked(records[name], CASES[name])


@pytest.mark.parametrize("name", POLICY_CASES)
def test_a_policy_goes_over_no_answer_but_never_over_a_no(records, name):
    _, case = POLICY_CASES[name]
    assert_ended(records[name], case)
    assert_asked(records[name], case)


@pytest.mark.parametrize("name", UNASKED_CASES)
def test_a_card_whose_issuer_can_not_be_asked_is_charged_by_policy_only(records, name):
    _, case = UNASKED_CASES[name]
    record = records[name]
    if case.ending.eci:
        # Nobody was asked, so it is sent at once.
        case = replace(case, ending=SentAtOnce(**vars(case.ending)))
    assert_ended(record, case)
    assert (record.authentication, record.messages) == (None, [])


class SentAtOnce(Ending):
    @property
    def moves(self):
        return ["submitting", "approved"]


def test_the_directory_server_saw_each_question_once_and_in_its_version(world, records):
    lines = world.server.sandbox_log("directory")
    asked = [(line["server_id"], line["version"]) for line in lines if line["kind"] == "AReq"]
    ours = [record.authentication for record in records.values() if record.authentication]
    assert sorted(asked) == sorted((row["id"], row["version"]) for row in ours)


def test_a_repeated_result_is_answered_by_its_version(world, records):
    """2.2.0 has no word for a repeat: the first answer again. 2.3.1 has: 312."""
    answers = {}
    for line in world.server.sandbox_log("directory"):
        if line["kind"] in {"RRes", "Erro"} and line.get("server_id"):
            answers.setdefault(line["server_id"], []).append((line["kind"], line["status"]))
    expected = {"2.2.0": [("RRes", "01")] * 2, "2.3.1": [("RRes", "01"), ("Erro", "312")]}
    twice = [record for name, record in records.items() if name.endswith("result twice")]
    assert len(twice) >= len(BROWSERS)
    for record in twice:
        row = record.authentication
        assert answers[row["id"]] == expected[row["version"]]


def test_a_browser_that_says_other_than_the_result_is_noted(world, records):
    log = (world.server.data / "log" / "paydesk.log").read_text().splitlines()
    noted = {
        line["transaction_id"]
        for line in map(json.loads, log)
        if line.get("event") == "return_differs"
    }
    assert noted == {
        record.attempt["id"]
        for name, record in records.items()
        if name.endswith("result contradicts")
    }


def test_no_card_number_and_no_proof_is_on_record_anywhere(world, records):
    cases = {**CASES, **{n: case for n, (_, case) in {**POLICY_CASES, **UNASKED_CASES}.items()}}
    numbers = {case.number for case in cases.values()}
    values = {
        true_value(
            world.server,
            record.authentication["issuer_id"],
            cases[name].number,
            record.authorised[0]["eci"],
        )
        for name, record in records.items()
        if record.authentication and record.authentication["sealed_value"]
    }
    assert len(values) > len(BROWSERS) * 8
    raw = {base64.b64decode(value).hex() for value in values}
    texts = [(world.server.data / "log" / "paydesk.log").read_text(), *every_table(world.server)]
    assert len(texts) > 20
    known = next(iter(records.values())).attempt["id"]
    assert sum(known in text for text in texts) > 2  # what is there would be found
    for text in texts:
        assert numbers.isdisjoint(re.findall("[0-9]{13,19}", text))
        assert values.isdisjoint(re.findall("[A-Za-z0-9+/]{27}=", text))
        assert raw.isdisjoint(re.findall("(?=(01[0-9a-f]{38}))", text))


def every_table(server):
    tables = oracle.select(
        server,
        """
        select format('%I.%I', table_schema, table_name) as name from information_schema.tables
        where table_type = 'BASE TABLE' and table_schema in ('public', 'vault')
        """,
    )
    for table in tables:
        rows = oracle.select(server, f"select t::text as text from {table['name']} t")
        yield "\n".join(row["text"] for row in rows)
