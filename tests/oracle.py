"""Whether money and messages came out right: the judge at the end of every journey.

It compares three records that were kept apart: the database, the acquirer's own log and what the
merchant's receivers heard. It takes nothing from the product's code: the tables below are
written down a second time, from the papers.
Source: reliability paper 0.2; the marks I1 to I13 are its invariants.
"""

import asyncio
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field, fields

import asyncpg

from world import eventually

# A checkout's legal moves, and the event that each one owes the merchant.
OWED = {
    ("open", "pending"): None,
    ("open", "cancelled"): "checkout.cancelled",
    ("open", "expired"): "checkout.expired",
    ("open", "open"): "checkout.abandoned",
    ("pending", "pending"): "checkout.pending",
    ("pending", "completed"): "checkout.completed",
    ("pending", "open"): "checkout.failed",
    ("pending", "failed"): "checkout.failed",
    ("pending", "cancelled"): "checkout.cancelled",
    ("completed", "completed"): "checkout.capture_due",
}
PAYMENT_MOVES = {
    "PENDING": {"PENDING", "RUNNING", "PAUSED", "STOPPED", "CANCELLED", "COMPLETED", "REJECTED"},
    "RUNNING": {"RUNNING", "PAUSED", "STOPPED", "CANCELLED", "COMPLETED", "REJECTED"},
    "PAUSED": {"PAUSED", "RUNNING", "STOPPED", "CANCELLED", "COMPLETED", "REJECTED"},
}
ATTEMPT_MOVES = {
    "created": {"submitting", "authenticating", "awaiting"},
    "authenticating": {"authenticated", "submitting", "auth_failed", "auth_abandoned"},
    "authenticated": {"submitting", "auth_abandoned"},
    "submitting": {"approved", "declined", "review", "unknown", "authenticated", "awaiting"},
    "awaiting": {"approved", "declined", "review", "reversing"},
    "review": {"approved", "declined", "reversing"},
    "unknown": {"approved", "declined", "review", "reversing", "awaiting"},
    "approved": {"reversing"},
    "reversing": {"reversed", "unknown_reversal", "manual", "approved", "declined", "review"},
    "unknown_reversal": {"reversed", "manual", "approved", "declined", "review"},
    "manual": {"approved", "reversed"},
}
# Nothing goes on by itself in these. `manual` waits for a person, with the payer told to wait.
AT_REST = {"approved", "declined", "reversed", "manual", "auth_failed", "auth_abandoned"}


@dataclass
class Books:
    """All that the database says, as rows."""

    checkouts: list
    transactions: list
    modifications: list
    orders: list
    checkout_moves: list
    transaction_moves: list
    modification_moves: list
    ledger: list
    events: list
    deliveries: list
    authentications: list
    payments: list
    payment_moves: list


_QUERIES = {
    "checkouts": "select * from checkouts",
    "transactions": "select * from transactions",
    "modifications": "select * from modifications order by id",
    "orders": "select * from orders",
    "checkout_moves": "select * from checkout_moves order by checkout_id, sequence",
    "transaction_moves": "select * from transaction_moves order by transaction_id, sequence",
    "modification_moves": "select * from modification_moves order by modification_id, sequence",
    "ledger": """
        select e.id, e.transaction_id, e.fact, l.book, l.currency, l.amount
        from ledger_entries e
        left join ledger_lines l on l.account_id = e.account_id and l.entry_id = e.id
    """,
    "events": "select * from events order by checkout_id, sequence",
    "deliveries": "select * from deliveries",
    "authentications": "select * from authentications",
    "payments": "select * from payments",
    "payment_moves": "select * from payment_moves order by payment_id, sequence",
}


async def read(url):
    """The Books of this database, as they are now."""
    connection = await asyncpg.connect(url)
    try:
        # One snapshot, so that the tables agree with each other.
        async with connection.transaction(isolation="repeatable_read"):
            found = {name: await connection.fetch(sql) for name, sql in _QUERIES.items()}
        return Books(**found)
    finally:
        await connection.close()


def select(server, sql, *values):
    """Rows of a server's database."""

    async def ask():
        connection = await asyncpg.connect(server.database_url())
        try:
            return await connection.fetch(sql, *values)
        finally:
            await connection.close()

    return asyncio.run(ask())


def read_books(server):
    return asyncio.run(read(server.database_url()))


def read_log(path):
    """The acquirer's log."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def is_quiet(server, *receivers, with_webhooks=True):
    """Whether nothing is under way any more: no attempt, and no webhook to these receivers.

    Others of the same server may be tried for days: nobody is there to hear them.
    """
    books = read_books(server)
    books = _of_cards(books)
    attempts = all(row["due_at"] is None for row in [*books.transactions, *books.modifications])
    ours = {receiver.url for receiver in receivers}
    webhooks = all(row["state"] != "due" for row in books.deliveries if row["url"] in ours)
    return attempts and (webhooks or not with_webhooks)


def assert_all_is_well(server, *receivers, seconds=60, with_webhooks=True):
    """Waits until all has come to rest and fails with every broken invariant."""
    eventually(
        lambda: is_quiet(server, *receivers, with_webhooks=with_webhooks),
        seconds=seconds,
        every=0.3,
    )
    books = read_books(server)
    faults = judge(books, server.acquirer_log())
    if with_webhooks:
        faults += judge_webhooks(books, receivers)
    assert faults == [], "\n".join(faults)
    return books


def _of_cards(books):
    """The books without the checkouts that somebody paid, or tried to, by a bank.

    An acquirer knows nothing of those; the bank's own log is held against them elsewhere.
    """
    by_bank = [row for row in books.transactions if row.get("method", "CARD") != "CARD"]
    left_out = {row[name] for row in by_bank for name in ("id", "checkout_id", "order_id")} - {None}
    left_out |= {row["id"] for row in books.transactions if row["checkout_id"] in left_out}
    left_out |= {row["id"] for row in books.modifications if row["transaction_id"] in left_out}
    names = ("id", "checkout_id", "order_id", "transaction_id", "modification_id")

    def kept(rows):
        return [row for row in rows if not left_out & {row.get(name) for name in names}]

    return Books(**{field.name: kept(getattr(books, field.name)) for field in fields(Books)})


def _references(books):
    """What an acquirer may have been told of: the ids of attempts and of what was done since."""
    return {row["id"] for row in [*books.transactions, *books.modifications]}


def judge(books, acquirer_log):
    """What is wrong with the money: one sentence each."""
    all_ids, books = _references(books), _of_cards(books)
    # A card that was tried before a bank is left out on both sides.
    left_out = all_ids - _references(books)
    truth = {ref: known for ref, known in _truth(acquirer_log).items() if ref not in left_out}
    return [
        *_one_approval_each(books, truth),
        *_payments_charged(books, truth),
        *_completed_means_paid(books),
        *_orders_paid_once(books),
        *_acquirer_agrees(books, truth),
        *_issuers_obeyed(books, truth),
        *_sums_agree(books, truth),
        *_ledger_agrees(books, truth),
        *_histories(books),
        *_at_rest(books),
        *_nothing_kept(books, truth),
        *_events_owed(books),
    ]


@dataclass
class Truth:
    """What the acquirer did under one reference of ours.

    Units: amount is in minor units.
    """

    approvals: int = 0
    declines: int = 0
    reversals: int = 0
    amounts: set = field(default_factory=set)
    # Whether a proof came with what it was asked; None, where it did not believe the proof.
    proven: set = field(default_factory=set)
    # What it was asked for: (kind, of), the reference of an authorisation being its own.
    deeds: set = field(default_factory=set)

    @property
    def is_held(self):
        return self.approvals > 0 and self.reversals == 0


def _truth(acquirer_log):
    truth = defaultdict(Truth)
    for line in acquirer_log:
        about = truth[line["reference"]]
        if line["kind"] in {"authorise", "modify"}:
            about.approvals += line["outcome"] == "approved"
            about.declines += line["outcome"] == "declined"
            about.amounts.add((line["amount"], line["currency"]))
            about.deeds.add(_deed(line))
            about.proven |= {_proven(line)} if line["kind"] == "authorise" else set()
        elif line["outcome"] == "approved":
            about.reversals += 1
    return truth


def _proven(line):
    return None if line.get("reason") == "authentication_failed" else line["authenticated"]


def _deed(line):
    """What the acquirer was asked to do, and of which authorisation."""
    if line["kind"] == "modify":
        return line["modification"], line["of"]
    return "sale" if line["capture"] else "hold", line["reference"]


def _meant(row):
    """What we mean the acquirer to have been asked."""
    if "kind" in row.keys():  # noqa: SIM118 (a row's own test of membership looks at its values)
        return row["kind"], row["transaction_id"]
    return "hold" if row["is_hold"] else "sale", row["id"]


def _by_checkout(rows):
    found = defaultdict(list)
    for row in rows:
        found[row["checkout_id"]].append(row)
    return found


def _one_approval_each(books, truth):
    held = Counter(
        _paid_for(row) for row in books.transactions if truth.get(row["id"], Truth()).is_held
    )
    yield from (f"I1: {id_} was charged {n} times" for id_, n in held.items() if n > 1)
    for reference, about in truth.items():
        if about.approvals > 1:
            yield f"I1: {reference} was approved {about.approvals} times"


def _paid_for(row):
    """What money is taken for once: a checkout, or a day of a payment."""
    return row["checkout_id"] or f"{row['payment_id']} on {row['due_on']}"


def _payments_charged(books, truth):
    """A payment counts its charges as the acquirer does, and none is under way at rest."""
    held = Counter(
        row["payment_id"] for row in books.transactions if truth.get(row["id"], Truth()).is_held
    )
    for row in books.payments:
        ended = row["state"] in {"STOPPED", "CANCELLED"}
        if row["charges"] != held[row["id"]] + (row["checkout_id"] is not None):
            yield f"I1: {row['id']} counts {row['charges']} charges, the acquirer {held[row['id']]}"
        if not ended and (row["charge_at"] is None) != (
            row["state"] in {"PAUSED", "COMPLETED", "REJECTED"}
        ):
            yield f"I10: {row['id']} is {row['state']} and charged at {row['charge_at']}"


# What an attempt is at rest that has done what its checkout was for: a verification is given back.
_PAID_BY = {"one-off": "approved", "recurring": "approved", "save": "reversed"}


def _completed_means_paid(books):
    attempts = _by_checkout(books.transactions)
    for checkout in books.checkouts:
        paid = [
            row["id"]
            for row in attempts[checkout["id"]]
            if row["state"] == _PAID_BY[checkout.get("mode", "one-off")]
            and (row["amount"], row["currency"]) == (checkout["amount"], checkout["currency"])
        ]
        named = [checkout["transaction_id"]] if checkout["state"] == "completed" else []
        if paid != named:
            yield f"I2: {checkout['id']} is {checkout['state']}, names {named}, has {paid}"


def _orders_paid_once(books):
    """An order may have many checkouts, and one attempt at most that may hold money."""
    may_hold = Counter(
        row["order_id"]
        for row in books.transactions
        if row["status"] not in {"DECLINED", "REVERSED", "CANCELLED"}
    )
    yield from (f"I1: {id_} was paid {n} times" for id_, n in may_hold.items() if n > 1)
    payments = {row["order_id"]: row for row in books.transactions if row["state"] == "approved"}
    for order in books.orders:
        payment = payments.get(order["id"])
        expected = _order_status(payment) if payment else {"PENDING", "CANCELLED", "EXPIRED"}
        if order["status"] not in expected:
            yield f"I2: {order['id']} is {order['status']}, its payment makes it {expected}"
        if payment and _money(payment, "amount") != _money(order, "amount_total"):
            yield f"I2: {order['id']} has another total than {payment['id']}, which paid it"


def _money(row, column):
    return row[column], row["currency"]


def _order_status(payment):
    """What an approved payment makes of its order. A merchant may reopen a voided one."""
    left = payment["amount"] - payment["captured"] - payment["voided"]
    if not payment["captured"]:
        return {"PENDING"} if left else {"CANCELLED", "PENDING", "EXPIRED"}
    if payment["refunded"] == payment["captured"] and not left:
        return {"REFUNDED"}
    return {"PAID"} if payment["captured"] == payment["amount"] else {"PARTIALLY_PAID"}


def _public_status(row):
    """The status of a transaction, worked out anew."""
    fixed = {
        "declined": "DECLINED",
        "auth_failed": "DECLINED",
        "auth_abandoned": "DECLINED",
        "reversed": "REVERSED",
    }
    if row["state"] != "approved":
        return fixed.get(row["state"], "PENDING")
    left = row["amount"] - row["captured"] - row["voided"]
    if not row["captured"]:
        return "PENDING" if left else "CANCELLED"
    return "PAID" if left or row["refunded"] < row["captured"] else "REFUNDED"


def _acquirer_agrees(books, truth):
    ours = {row["id"]: row for row in [*books.transactions, *books.modifications]}
    yield from (f"I3: the acquirer knows {ref}, we don't" for ref in truth.keys() - ours.keys())
    for id_, row in ours.items():
        about = truth.get(id_, Truth())
        fits = {
            "approved": about.is_held,
            "declined": not about.approvals,
            # Nothing was ever sent.
            "auth_failed": about == Truth(),
            "auth_abandoned": about == Truth(),
            "reversed": about.reversals > 0,
            "manual": True,
        }.get(row["state"], False)
        if not fits:
            yield f"I3: {id_} is {row['state']}, but {about}"
        if about.deeds - {_meant(row)}:
            yield f"I3: {id_} was meant as {_meant(row)}, but {about}"
        if about.amounts - {(row["amount"], row["currency"])}:
            yield f"I3: {id_} is for {row['amount']} {row['currency']}, but {about}"


# challengeCancel, where the payer left the challenge or let its time run out.
_LEFT = {"01", "03", "04", "05", "08"}


def _issuers_obeyed(books, truth):
    """3DS-8: a yes goes to the acquirer as proof, a no never does, and the rest by policy only."""
    for row in books.authentications:
        proven = truth.get(row["transaction_id"], Truth()).proven
        said = row["result_status"] or row["status"]
        if said in {"Y", "A"}:
            may_be = {True, None}
        elif said in {"N", "R", "C"} or row["challenge_cancel"] in _LEFT:
            may_be = set()
        else:
            may_be = {False} if row["charge_if_unavailable"] else set()
        if proven - may_be:
            yield f"I3: {row['transaction_id']} was sent after {said}, with a proof: {proven}"


def _done(books, truth, transaction_id, kind):
    """What the acquirer did of this kind, in minor units; None while a person has to ask."""
    rows = [
        row
        for row in books.modifications
        if row["transaction_id"] == transaction_id and row["kind"] == kind
    ]
    if any(row["state"] == "manual" for row in rows):
        return None
    return sum(row["amount"] for row in rows if truth.get(row["id"], Truth()).is_held)


def _sums_agree(books, truth):
    """I5: no more is captured, voided or refunded than there is, and all records agree on it."""
    for row in books.transactions:
        if row["status"] != _public_status(row):
            yield f"I5: {row['id']} is said to be {row['status']}, it is {_public_status(row)}"
        if row["captured"] + row["voided"] > row["amount"] or row["refunded"] > row["captured"]:
            yield f"I5: {row['id']} went above its amount: {dict(row)}"
        if row["state"] != "approved":
            continue
        for kind, column in (("capture", "captured"), ("void", "voided"), ("refund", "refunded")):
            whole = row["amount"] if kind == "capture" and not row["is_hold"] else 0
            done = _done(books, truth, row["id"], kind)
            if done is not None and row[column] != whole + done:
                yield f"I5: {row['id']} says {row[column]} {column}, the acquirer {whole + done}"


def _owed_by_acquirer(books, truth, row):
    """What the acquirer owes for an attempt, by its own log; None while a person has to ask."""
    if row["state"] == "manual":
        return None
    if not truth.get(row["id"], Truth()).is_held:
        return 0
    captured = _done(books, truth, row["id"], "capture")
    refunded = _done(books, truth, row["id"], "refund")
    if captured is None or refunded is None:
        return None
    return (captured if row["is_hold"] else row["amount"]) - refunded


def _ledger_agrees(books, truth):
    entries, owed, owing = defaultdict(Counter), Counter(), Counter()
    currencies = {row["id"]: row["currency"] for row in books.transactions}
    for line in books.ledger:
        if line["amount"] is None:
            yield f"I4: {line['id']} has no lines"
            continue
        entries[line["id"]][line["currency"]] += line["amount"]
        if line["currency"] != currencies[line["transaction_id"]]:
            yield f"I4: {line['id']} is in another currency than its payment"
        book = owed if line["book"] == "acquirer" else owing
        book[line["transaction_id"]] += line["amount"]
    for id_, sums in entries.items():
        if any(sums.values()):
            yield f"I4: {id_} does not balance: {dict(sums)}"
    for row in books.transactions:
        expected = _owed_by_acquirer(books, truth, row)
        if expected is not None and owing[row["id"]] != -expected:
            yield f"I4: the books owe the merchant {owing[row['id']]} of {row['id']}"
        if expected is not None and owed[row["id"]] != expected:
            yield f"I4: the books say {owed[row['id']]} of {row['id']}, the acquirer {expected}"


def _histories(books):
    attempts = [*books.transactions, *books.modifications]
    now = {row["id"]: row for row in [*books.checkouts, *books.payments, *attempts]}
    seen = dict.fromkeys((row["id"] for row in books.checkouts), ("open", 0))
    seen |= dict.fromkeys((row["id"] for row in attempts), ("created", 0))
    seen |= {
        row["id"]: ("PENDING" if row["checkout_id"] is None else "RUNNING", 0)
        for row in books.payments
    }
    for moves, key, is_legal in (
        (books.checkout_moves, "checkout_id", lambda a, b: (a, b) in OWED),
        (books.payment_moves, "payment_id", lambda a, b: b in PAYMENT_MOVES.get(a, ())),
        (books.transaction_moves, "transaction_id", lambda a, b: b in ATTEMPT_MOVES.get(a, ())),
        (books.modification_moves, "modification_id", lambda a, b: b in ATTEMPT_MOVES.get(a, ())),
    ):
        for move in moves:
            state, count = seen[move[key]]
            edge = (move["from_state"], move["to_state"])
            if edge[0] != state or move["sequence"] != count + 1 or not is_legal(*edge):
                yield f"I6: {move[key]} was {state} ({count}) and then made {dict(move)}"
            seen[move[key]] = (edge[1], move["sequence"])
    for id_, (state, count) in seen.items():
        if (now[id_]["state"], now[id_]["moves"]) != (state, count):
            yield f"I6: {id_} is {now[id_]['state']}, its history says {state}"


def _at_rest(books):
    state_of = {(row["checkout_id"], row["attempt"]): row["state"] for row in books.transactions}
    for row in [*books.transactions, *books.modifications]:
        if row["state"] not in AT_REST:
            yield f"I10: {row['id']} is still {row['state']}"
    for row in books.checkouts:
        if row["state"] == "pending" and state_of.get((row["id"], row["attempts"])) != "manual":
            yield f"I10: {row['id']} is still pending"


def _nothing_kept(books, truth):
    checkouts = {row["id"]: row for row in books.checkouts}
    for row in books.transactions:
        if row["checkout_id"] is None:
            continue
        state = checkouts[row["checkout_id"]]["state"]
        is_held = truth.get(row["id"], Truth()).is_held
        if is_held and state != "completed" and row["state"] != "manual":
            yield f"I13: {row['checkout_id']} is {state} and {row['id']} holds money"


def _events_owed(books):
    moves, events = _by_checkout(books.checkout_moves), _by_checkout(books.events)
    delivered_to = Counter(
        row["event_id"] for row in books.deliveries if row["target"] == "notify_url"
    )
    for checkout in books.checkouts:
        id_ = checkout["id"]
        owed = [event for move in moves[id_] if (event := _owed(move)) is not None]
        told = [event["type"] for event in events[id_]]
        numbers = [event["sequence"] for event in events[id_]]
        if told != owed or numbers != list(range(1, checkout["events"] + 1)):
            yield f"I7: {id_} owes {owed} and tells {told} as {numbers} of {checkout['events']}"
        if told.count("checkout.pending") > checkout["attempts"]:
            yield f"I7: {id_} waits more often than it was paid: {told}"
    for event in books.events:
        body = json.loads(event["body"])
        if (body["id"], body["event"]) != (event["id"], event["type"]):
            yield f"I7: {event['id']} says it is {body['id']}, {body['event']}"
        if event["checkout_id"] is not None and delivered_to[event["id"]] != 1:
            yield f"I7: {event['id']} is for {delivered_to[event['id']]} receivers"


def _owed(move):
    """The event that a checkout's move owes; a change and more time owe none."""
    is_untold = move.get("step") in {"change", "extend"}
    return None if is_untold else OWED.get((move["from_state"], move["to_state"]))


def judge_webhooks(books, receivers):
    """What is wrong between the deliveries and what receivers heard."""
    bodies = {event["id"]: event["body"] for event in books.events}
    urls = {receiver.url for receiver in receivers}
    heard = defaultdict(set)
    for receiver in receivers:
        for one in receiver.got:
            heard[one.headers["webhook-id"]].add(one.body)
    faults = []
    for row in books.deliveries:
        id_, state = row["event_id"], row["state"]
        if state == "due" and row["url"] not in urls:
            continue  # somebody else's, who may be tried for days
        if state not in {"delivered", "dead"}:
            faults.append(f"I8: {id_} is neither delivered nor dead")
        elif row["target"] != "notify_url":
            continue  # it hears of the same in another envelope
        elif state == "delivered" and row["url"] in urls and bodies[id_] not in heard[id_]:
            faults.append(f"I8: {id_} is said to be delivered, and nobody heard it")
    faults += [f"I8: {id_} was heard and never sent" for id_ in heard.keys() - bodies.keys()]
    faults += [
        f"I7: {id_} changed between tries"
        for id_, said in heard.items()
        if said - {bodies.get(id_)} and id_ in bodies
    ]
    return faults
