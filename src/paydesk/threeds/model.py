"""What an authentication is: what the issuer is told and asked, and what it said."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from paydesk.kit.money import Money
from paydesk.threeds.states import State

_MERCHANT_NAME_LENGTH_MAX = 40  # reliability paper A.4.1


class Version(StrEnum):
    """The protocol versions that are spoken here, oldest first."""

    V2_2_0 = "2.2.0"
    V2_3_1 = "2.3.1"


class Status(StrEnum):
    """transStatus: what an issuer says of an authentication.

    Source: reliability paper A.6.
    """

    AUTHENTICATED = "Y"
    DENIED = "N"
    UNAVAILABLE = "U"
    ATTEMPTED = "A"
    CHALLENGE = "C"
    DECOUPLED = "D"
    REJECTED = "R"
    INFORMATION = "I"
    PAYMENT_CONFIRMATION = "S"


class Completion(StrEnum):
    """threeDSCompInd: how the issuer's method frame ended."""

    DONE = "Y"
    FAILED = "N"  # it failed, was late, or could not be tried
    NOT_OFFERED = "U"


class Purpose(StrEnum):
    """threeDSRequestorAuthenticationInd: what the payer's word is asked for.

    Source: reliability paper A.4.1.
    """

    PAYMENT = "01"
    RECURRING = "02"
    ADD_CARD = "04"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """The payments after this one, each of its amount, that the payer agrees to along with it.

    Units: next is the day of the first of them, end the last day that may have one, None where
        there is no last; days is how many are at least between two.
    """

    next: date
    end: date | None
    days: int


@dataclass(frozen=True, slots=True)
class Script:
    """What the page's script saw of the payer's browser.

    Units: screen and window are CSS pixels; time_zone is minutes, as JavaScript's
        getTimezoneOffset (Johannesburg -120).
    """

    java: bool
    language: str
    color_depth: int
    screen_width: int
    screen_height: int
    window_width: int
    window_height: int
    time_zone: int


@dataclass(frozen=True, slots=True)
class Browser:
    """The payer's browser, as its request showed it; script is None where none ran."""

    accept: str
    user_agent: str
    accept_language: str
    ip: str | None
    script: Script | None


@dataclass(frozen=True, slots=True)
class Requestor:
    """As whom we ask: the merchant, as the scheme and the acquirer know it.

    server_reference and operator_id are what the scheme calls this 3DS server.
    Shape: country is alpha-2; mcc four digits.
    """

    id: str
    name: str
    url: str
    acquirer_bin: str
    acquirer_merchant_id: str
    mcc: str
    country: str
    server_reference: str
    operator_id: str | None = None

    @property
    def merchant_name(self) -> str:
        """The name as issuer and acquirer are told it, which must be the same to both."""
        return self.name[:_MERCHANT_NAME_LENGTH_MAX].rstrip()


@dataclass(frozen=True, slots=True)
class Payer:
    """What the merchant told of the payer; all of it optional, phone as a request may have it."""

    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What an AReq asks. id is the threeDSServerTransID, a UUID in lower case.

    The card is not in it: the vault fills it in. results_url gets the RReq, notification_url the
    payer's browser when a challenge is over. recurrence is there for Purpose.RECURRING only.
    """

    id: str
    version: Version
    completion: Completion
    amount: Money
    at: datetime
    requestor: Requestor
    browser: Browser
    results_url: str
    notification_url: str
    payer: Payer = field(default_factory=Payer)
    demands_challenge: bool = False
    purpose: Purpose = Purpose.PAYMENT
    recurrence: Recurrence | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an ARes says. value is the authentication value, which proves it to the acquirer.

    challenge_url is there with a challenge only; cardholder_text is the issuer's own, for the
    payer to read.
    """

    status: Status
    directory_id: str
    issuer_id: str
    reason: str | None = None
    value: str | None = field(default=None, repr=False)
    eci: str | None = None
    challenge_url: str | None = None
    cardholder_text: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What an RReq says: the one result of a challenge that counts."""

    id: str
    version: Version
    directory_id: str
    issuer_id: str
    status: Status
    reason: str | None = None
    value: str | None = field(default=None, repr=False)
    eci: str | None = None
    cancelled_by: str | None = None  # challengeCancel
    tries: str | None = None  # interactionCounter


@dataclass(frozen=True, slots=True)
class Returned:
    """What the payer's browser brought back from a challenge: a hint, never the result.

    An error has no status, and may name no ids.
    """

    id: str | None
    issuer_id: str | None
    status: Status | None
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Whether the merchant charges cards of which the issuer can't say whose they are.

    Off by default: then liability for fraud would be the merchant's.
    """

    charge_if_unavailable: bool = False
    charge_if_not_enrolled: bool = False


@dataclass(frozen=True, slots=True)
class Authentication:
    """An authentication as it stands. id is the threeDSServerTransID.

    method_seen_at: when the issuer's method frame reported; returned_at: when the payer's browser
    came back from the challenge. answer is what the ARes said, result what the RReq said.
    demands_challenge: we do not leave it to the issuer whether to challenge the payer.
    """

    account_id: int
    id: str
    transaction_id: str
    state: State
    version: Version
    browser: Browser
    policy: Policy
    method_url: str | None = None
    method_seen_at: datetime | None = None
    challenge_window: str | None = None
    returned_at: datetime | None = None
    returned_status: str | None = None
    answer: Answer | None = None
    result: Result | None = None
    moves: int = 1
    demands_challenge: bool = False

    @property
    def is_scripted(self) -> bool:
        """Whether the page can show frames; without script the payer goes by full pages."""
        return self.browser.script is not None


@dataclass(frozen=True, slots=True)
class MessageFault:
    """What is wrong with a message, as an Erro tells it.

    Shape: detail has the names of the fields at fault, with commas between.
    Source: reliability paper A.7.
    """

    code: str
    description: str
    detail: str


class MessageAtFault(Exception):
    """A message that can't be taken. ids are those of it that could be read.

    Shape: ids are by their names on the wire, `acsTransID`.
    """

    def __init__(self, fault: MessageFault, *, version: str, ids: dict[str, str]) -> None:
        super().__init__(f"{fault.code} {fault.detail}")
        self.fault = fault
        self.version = version
        self.ids = ids


class ErrorHeard(Exception):
    """The other side answered with an Erro. code is "" where even that can't be read."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.detail = detail
