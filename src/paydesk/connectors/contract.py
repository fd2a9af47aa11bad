"""What every connector, to an acquirer of cards or to a bank, promises, and both sides' words.

A connector is pure translation: it turns an order to move money into a request, and the answer
into an outcome. It never sends anything and never sees a card number: it names, by JSON pointer,
the fields of its request that the vault is to fill.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import urlsplit

from paydesk.kit.money import Money


class CardField(StrEnum):
    """What the vault can fill into a request. All are filled as text."""

    NUMBER = "number"
    EXPIRE_MONTH = "expire_month"  # "01" to "12"
    EXPIRE_YEAR = "expire_year"  # "2030"
    EXPIRE_YYMM = "expire_yymm"  # "3009", as 3-D Secure has it
    SECURITY_CODE = "security_code"
    NAME = "name"
    # Its first 45 characters, all that 3-D Secure takes. The vault cuts, because nobody else
    # knows how long a name is, and one too long would fail the payer's authentication.
    SHORT_NAME = "short_name"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP call to an acquirer.

    Shape: body is a JSON object; fill maps a JSON pointer ("/card/number", its parent
        present in body) to the card field to put there.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    fill: Mapping[str, CardField] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the acquirer answered: its HTTP status and the body as it came."""

    status: int
    body: bytes


class DeclineReason(StrEnum):
    """The closed list of reasons that `error.code` shows.

    Source: payer-page paper C8.
    """

    DECLINED_GENERIC = "declined_generic"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    INCORRECT_NUMBER = "incorrect_number"
    INCORRECT_CVC = "incorrect_cvc"
    CARD_NOT_SUPPORTED = "card_not_supported"
    AUTHENTICATION_FAILED = "authentication_failed"
    AUTHENTICATION_UNAVAILABLE = "authentication_unavailable"
    RISK_BLOCKED = "risk_blocked"
    ISSUER_UNAVAILABLE = "issuer_unavailable"
    LIMIT_EXCEEDED = "limit_exceeded"
    DUPLICATE = "duplicate"
    INVALID_REQUEST = "invalid_request"
    CONFIGURATION = "configuration"
    RATE_LIMITED = "rate_limited"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    CANCELLED_BY_PAYER = "cancelled_by_payer"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Approved:
    """An explicit yes: the money moved.

    eci is what the authentication counted for in the end: an issuer may downgrade it. scheme_id is
    the card network's own id of the payment.
    """

    provider_id: str
    authorisation_code: str | None = None
    eci: str | None = None
    scheme_id: str | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """An explicit no: no money moved. code is the acquirer's own, kept beside ours."""

    reason: DeclineReason
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """The acquirer took it and will decide later, after a review for example."""

    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class Awaiting:
    """The bank took it, and the payer has to act there: at url, by following or scanning it."""

    provider_id: str
    url: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither a yes nor a no: no answer, a broken one, or one we do not understand."""

    why: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """The acquirer does not know our reference yet. That is not a no: it may still arrive."""


@dataclass(frozen=True, slots=True)
class Reversed:
    """Whatever the reference did or was about to do is undone.

    had_approved tells whether the acquirer had approved it before.
    """

    had_approved: bool


@dataclass(frozen=True, slots=True)
class NotReversed:
    """The acquirer explicitly refused to undo it: a person must look."""

    code: str | None = None


# What surely never left is a no.
NOT_SENT = Declined(DeclineReason.PROVIDER_UNAVAILABLE, "not_sent")

Outcome = Approved | Declined | Pending | Awaiting | Unknown
Finding = Outcome | NotFound


@dataclass(frozen=True, slots=True)
class Stands:
    """It can't be undone, and the other side says how it stands instead.

    Not the same as an outcome by itself, which may be older than the question.
    """

    outcome: Approved | Declined | Pending


Reversal = Reversed | NotReversed | Stands | Unknown


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of asking the card's issuer who pays, as the acquirer is told it.

    value is the authentication value, None where the issuer gave none; then eci says that nobody
    was authenticated. status is that of the ARes, result_status that of the RReq, where there was
    a challenge. What the acquirer and the merchant are called is what the AReq called them.
    Shape: version is "2.2.0"; status and the codes are the protocol's; merchant_country alpha-2.
    Source: reliability paper A.10.
    """

    eci: str
    version: str
    server_id: str
    acquirer_bin: str
    acquirer_merchant_id: str
    merchant_name: str
    merchant_country: str
    value: str | None = field(default=None, repr=False)
    directory_id: str | None = None
    issuer_id: str | None = None
    status: str | None = None
    result_status: str | None = None
    status_reason: str | None = None
    challenge_cancel: str | None = None


@dataclass(frozen=True, slots=True)
class FirstPayment:
    """The payment that its payer was present at, which charges of the card without them refer to.

    scheme_id is the card network's own id of it; directory_id and issuer_id are those of its
    authentication, None where there was none.
    Source: reliability paper 3DS-15.
    """

    at: datetime
    scheme_id: str
    directory_id: str | None = None
    issuer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Authorisation:
    """An order to take money from a card.

    reference is ours, unique for ever and committed before anything is sent; order_reference
    is the merchant's. proof is None where the issuer was not asked who pays. first is given
    where the payer is not there: then no security code is sent.
    """

    reference: str
    order_reference: str
    amount: Money
    capture: bool
    proof: Proof | None = None
    first: FirstPayment | None = None


class Way(StrEnum):
    """How a payer reaches their bank: by a link, or by scanning a code."""

    LINK = "link"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Collection:
    """An order to have the payer's bank collect money.

    reference is ours, unique for ever and committed before anything is sent. The payer comes back
    to return_url, and the bank tells notify_url that something happened: both are hints.
    """

    reference: str
    amount: Money
    way: Way
    return_url: str
    notify_url: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Deposit:
    """Money that somebody sent by hand, as the bank reports it. provider_id is the bank's own."""

    provider_id: str
    amount: Money
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """A sum on a bank's statement. reference is what its sender wrote, which may be anything.

    Units: minor is in minor units of the currency, an alphabetic code.
    """

    provider_id: str
    reference: str
    minor: int
    currency: str
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Some of what came to a bank by hand, oldest first; cursor is where the next page begins."""

    credits: Sequence[Credit]
    cursor: str
    has_more: bool


class ModificationKind(StrEnum):
    """What can be done to an attempt's money."""

    CAPTURE = "capture"  # take money that was only authorised
    VOID = "void"  # let go of money that was only authorised
    REFUND = "refund"  # give money back that was taken
    RETURN = "return"  # give money back that came by hand and pays for nothing


@dataclass(frozen=True, slots=True)
class Modification:
    """An order to change what an authorisation did.

    reference is ours, unique for ever and committed before anything is sent; of_reference and
    of_provider_id name the authorisation, as ours and as the acquirer's.
    """

    kind: ModificationKind
    reference: str
    of_reference: str
    of_provider_id: str | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Directory:
    """Where 3-D Secure questions about this acquirer's cards go, and as whom they are asked.

    Shape: url takes the AReq; server_reference is the threeDSServerRefNumber; mcc has four
        digits; country is alpha-2.
    """

    url: str
    server_reference: str
    requestor_id: str
    acquirer_bin: str
    acquirer_merchant_id: str
    mcc: str
    country: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a connector is and may do, as data.

    directory is None where the acquirer asks for no authentication of ours.
    verifies_for_nothing: an authorisation of no amount shows whether a card is good. It is reversed
    like any that only verifies, so that no acquirer is left thinking that more will come.
    Shape: origins are "scheme://host:port", the only places its requests may go.
    """

    name: str
    is_live: bool
    origins: frozenset[str]
    directory: Directory | None = None
    verifies_for_nothing: bool = False


def origin_of(url: str) -> str:
    """The origin of an address, as manifests name it.

    >>> origin_of("https://acquirer.example/v1/areq")
    'https://acquirer.example:443'
    """
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{port}"


class Provider(Protocol):
    """Whoever moves money for us, as pure functions both ways. Raises only for bugs."""

    @property
    def manifest(self) -> Manifest: ...

    def inquire(self, reference: str) -> Request: ...

    def read_inquiry(self, answer: Answer) -> Finding: ...

    def reverse(self, reference: str) -> Request: ...

    def read_reversal(self, answer: Answer) -> Reversal: ...

    def modify(self, order: Modification) -> Request: ...

    def read_modification(self, answer: Answer) -> Outcome: ...

    def inquire_modification(self, order: Modification) -> Request: ...

    def read_modification_inquiry(self, answer: Answer) -> Finding: ...

    def reverse_modification(self, order: Modification) -> Request: ...

    def read_modification_reversal(self, answer: Answer) -> Reversal: ...


class Connector(Provider, Protocol):
    """One acquirer of cards."""

    def authorise(self, order: Authorisation) -> Request: ...

    def read_authorisation(self, answer: Answer) -> Outcome: ...


class Bank(Provider, Protocol):
    """One bank, or whoever brings payers to theirs.

    A reversal ends what the payer has not agreed to yet; what they have is undone by a refund.
    """

    def collect(self, order: Collection) -> Request: ...

    def read_collection(self, answer: Answer) -> Outcome: ...

    def list_deposits(self, reference: str) -> Request: ...

    def read_deposits(self, answer: Answer) -> Sequence[Deposit] | Unknown:
        """What came in rand. Other money pays for nothing; the statement tells of it."""
        ...

    def list_credits(self, after: str) -> Request:
        """Asks for what came by hand since a cursor, or since the beginning where it is ""."""
        ...

    def read_credits(self, answer: Answer) -> StatementPage | Unknown: ...

    def trial_url(self, reference: str, amount: Money, notify_url: str) -> str | None:
        """Where a person can play who sends money by hand, at a bank for tests."""
        ...

    def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> str | None:
        """The reference that the bank says something happened to; None where it is not the bank.

        Shape: headers by lower-case name.
        """
        ...
