"""What each message looks like on the wire: its fields, named as they are there, and their formats.

Where the protocol's versions differ, a message has a class for each; `versions.py` tells which.
What fields say to each other, and to the question asked, is for those who read the message.

Source: reliability paper A.4, A.5, A.7, A.13.
"""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from paydesk import limits

T = TypeVar("T")


def _not_null(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("null", "A field that says nothing is left out.")
    return value


# A field that may be left out; empty or null it is at fault.
Maybe = Annotated[T | None, BeforeValidator(_not_null)]

ID = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
URL = Annotated[str, Field(pattern="^https?://", max_length=limits.URL_LENGTH_MAX)]
ShortURL = Annotated[str, Field(pattern="^https?://", max_length=256)]
Flag = Literal["Y", "N"]
Text10 = Annotated[str, Field(min_length=1, max_length=10)]
Text32 = Annotated[str, Field(min_length=1, max_length=32)]
Text35 = Annotated[str, Field(min_length=1, max_length=35)]
Text40 = Annotated[str, Field(min_length=1, max_length=40)]
Text128 = Annotated[str, Field(min_length=1, max_length=128)]
Text2048 = Annotated[str, Field(min_length=1, max_length=2048)]
Amount = Annotated[str, Field(pattern="^[0-9]{1,48}$")]
Digit = Annotated[str, Field(pattern="^[0-9]$")]
Day = Annotated[str, Field(pattern="^[0-9]{8}$")]
ThreeDigits = Annotated[str, Field(pattern="^[0-9]{3}$")]
Pixels = Annotated[str, Field(pattern="^[0-9]{1,6}$")]
ECI = Annotated[str, Field(pattern="^[0-9A-Z]{2}$")]
Listed = Literal["Y", "N", "E", "P", "R", "U"]  # the payer's trust list: is the merchant on it?
Cancel = Annotated[str, Field(pattern="^(0[1-9]|10)$")]
# 20 bytes in base64: 28 characters of which the last is padding.
Value = Annotated[str, Field(pattern="^[A-Za-z0-9+/]{26}[AEIMQUYcgkosw048]=$")]
LongValue = Annotated[
    str,
    Field(min_length=28, max_length=4000),
    Field(pattern="^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"),
]
# Codes 80 to 99 are the schemes' own; those between are reserved.
Reason = Annotated[str, Field(pattern="^(0[1-9]|1[0-9]|2[0-6]|[89][0-9])$")]
Reason231 = Annotated[str, Field(pattern="^(0[1-9]|[12][0-9]|30|[89][0-9])$")]
Method = Annotated[str, Field(pattern="^(0[1-9]|1[0-6])$")]
Methods = Annotated[list[Method], Field(min_length=1, max_length=16)]


class Message(BaseModel):
    """What all messages have. What else one holds is ignored and never kept."""

    # Built when first used: most programs that know these messages read few of them.
    model_config = ConfigDict(
        strict=True, extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    messageType: str
    messageVersion: Literal["2.2.0", "2.3.1"]


# The question and its answer -------------------------------------------------------------------


class Phone(BaseModel):
    """A phone number, its country's code apart."""

    model_config = Message.model_config

    cc: Annotated[str, Field(pattern="^[0-9]{1,3}$")]
    subscriber: Annotated[str, Field(pattern="^[0-9]{1,15}$")]


class AReq(Message):
    """The question, whether the payer is the card's holder; of a payment, in a browser."""

    messageType: Literal["AReq"]
    threeDSServerTransID: ID
    threeDSServerRefNumber: Text32
    threeDSServerOperatorID: Maybe[Text32] = None
    threeDSServerURL: URL
    threeDSRequestorID: Text35
    threeDSRequestorName: Text40
    threeDSRequestorURL: URL
    threeDSCompInd: Literal["Y", "N", "U"]
    threeDSRequestorAuthenticationInd: Literal["01", "02", "04"]
    threeDSRequestorDecReqInd: Literal["N"]
    acctNumber: Annotated[str, Field(pattern="^[0-9]{13,19}$", repr=False)]
    cardExpiryDate: Annotated[str, Field(pattern="^[0-9]{2}(0[1-9]|1[0-2])$", repr=False)]
    acquirerBIN: Annotated[str, Field(pattern="^[0-9]{1,11}$")]
    acquirerMerchantID: Text35
    mcc: Annotated[str, Field(pattern="^[0-9]{4}$")]
    merchantCountryCode: ThreeDigits
    merchantName: Text40
    messageCategory: Literal["01"]
    deviceChannel: Literal["02"]
    purchaseAmount: Amount
    purchaseCurrency: ThreeDigits
    purchaseExponent: Digit
    purchaseDate: Annotated[str, Field(pattern="^[0-9]{14}$")]
    recurringExpiry: Maybe[Day] = None
    recurringFrequency: Maybe[Annotated[str, Field(pattern="^[0-9]{1,4}$")]] = None
    browserAcceptHeader: Text2048
    browserIP: Maybe[Annotated[str, Field(min_length=2, max_length=45)]] = None
    browserJavascriptEnabled: bool
    browserJavaEnabled: Maybe[bool] = None
    browserScreenHeight: Maybe[Pixels] = None
    browserScreenWidth: Maybe[Pixels] = None
    browserTZ: Maybe[Annotated[str, Field(pattern="^-?[0-9]{1,4}$")]] = None
    browserUserAgent: Text2048
    cardholderName: Annotated[str, Field(min_length=2, max_length=45, repr=False)]
    email: Maybe[Annotated[str, Field(min_length=3, max_length=254)]] = None
    mobilePhone: Maybe[Phone] = None


class RecurringInd(BaseModel):
    """Whether each payment has the same amount, and comes after the same time."""

    model_config = Message.model_config

    amountInd: Literal["01"]
    frequencyInd: Literal["01"]


ChallengeWish = Literal["01", "04"]  # no preference; a challenge is mandated


class AReq220(AReq):
    messageVersion: Literal["2.2.0"]
    threeDSRequestorChallengeInd: ChallengeWish
    notificationURL: ShortURL
    browserLanguage: Annotated[str, Field(min_length=1, max_length=8)]
    browserColorDepth: Maybe[Literal["1", "4", "8", "15", "16", "24", "32", "48"]] = None


class AReq231(AReq):
    messageVersion: Literal["2.3.1"]
    threeDSRequestorChallengeInd: Annotated[list[ChallengeWish], Field(min_length=1, max_length=2)]
    notificationURL: URL
    browserLanguage: Maybe[Text35] = None
    browserColorDepth: Maybe[Annotated[str, Field(pattern="^[1-9][0-9]?$")]] = None
    recurringAmount: Maybe[Amount] = None
    recurringCurrency: Maybe[ThreeDigits] = None
    recurringExponent: Maybe[Digit] = None
    recurringDate: Maybe[Day] = None
    recurringInd: Maybe[RecurringInd] = None
    acceptLanguage: Maybe[Annotated[list[Text35], Field(min_length=1, max_length=99)]] = None


class CardholderInfo(BaseModel):
    """The issuer's text to the payer. A picture may come with it, which is not shown."""

    model_config = Message.model_config

    text: Text128


class ARes(Message):
    """The issuer's answer, or the directory server's in its stead."""

    messageType: Literal["ARes"]
    threeDSServerTransID: ID
    dsTransID: ID
    acsTransID: ID
    dsReferenceNumber: Text32
    acsReferenceNumber: Text32
    acsOperatorID: Maybe[Text32] = None
    transStatus: str
    transStatusReason: str | None = None
    authenticationValue: str | None = Field(default=None, repr=False)
    eci: Maybe[ECI] = None
    acsChallengeMandated: Maybe[Flag] = None
    acsURL: Maybe[URL] = None
    acsDecConInd: Maybe[Flag] = None
    cardholderInfo: str | CardholderInfo | None = None


class ARes220(ARes):
    messageVersion: Literal["2.2.0"]
    transStatus: Literal["Y", "N", "U", "A", "C", "D", "R", "I"]
    transStatusReason: Maybe[Reason] = None
    authenticationType: Maybe[Literal["01", "02", "03", "04"]] = None
    authenticationValue: Maybe[Value] = Field(default=None, repr=False)
    cardholderInfo: Maybe[Text128] = None
    whiteListStatus: Maybe[Listed] = None


class ARes231(ARes):
    messageVersion: Literal["2.3.1"]
    transStatus: Literal["Y", "N", "U", "A", "C", "D", "R", "I", "S"]
    transStatusReason: Maybe[Reason231] = None
    authenticationMethod: Maybe[Methods] = None
    authenticationValue: Maybe[LongValue] = Field(default=None, repr=False)
    cardholderInfo: Maybe[CardholderInfo] = None
    trustListStatus: Maybe[Listed] = None


# The result of a challenge ---------------------------------------------------------------------


class RReq(Message):
    """The result of a challenge."""

    messageType: Literal["RReq"]
    threeDSServerTransID: ID
    dsTransID: ID
    acsTransID: ID
    messageCategory: Literal["01", "02"]
    transStatus: str
    transStatusReason: str | None = None
    authenticationValue: str | None = Field(default=None, repr=False)
    eci: Maybe[ECI] = None
    interactionCounter: Maybe[Annotated[str, Field(pattern="^[0-9]{2}$")]] = None
    challengeCancel: Maybe[Cancel] = None


class RReq220(RReq):
    messageVersion: Literal["2.2.0"]
    transStatus: Literal["Y", "N", "U", "A", "R"]
    transStatusReason: Maybe[Reason] = None
    authenticationType: Maybe[Literal["01", "02", "03", "04"]] = None
    authenticationValue: Maybe[Value] = Field(default=None, repr=False)
    whiteListStatus: Maybe[Listed] = None


class RReq231(RReq):
    messageVersion: Literal["2.3.1"]
    transStatus: Literal["Y", "N", "U", "A", "R", "D"]
    transStatusReason: Maybe[Reason231] = None
    authenticationMethod: Maybe[Methods] = None
    authenticationValue: Maybe[LongValue] = Field(default=None, repr=False)
    trustListStatus: Maybe[Listed] = None


class RRes(Message):
    """That a result was received, or why it was not."""

    messageType: Literal["RRes"] = "RRes"
    threeDSServerTransID: ID
    dsTransID: ID
    acsTransID: ID
    resultsStatus: Literal["01", "02", "03", "04"]


# What the payer's browser carries --------------------------------------------------------------


class CReq(Message):
    """What opens a challenge."""

    messageType: Literal["CReq"] = "CReq"
    threeDSServerTransID: ID
    acsTransID: ID
    challengeWindowSize: Literal["01", "02", "03", "04", "05"]


class CRes(Message):
    """What the browser brings back from a challenge."""

    messageType: Literal["CRes"]
    threeDSServerTransID: ID
    acsTransID: ID
    transStatus: str


class CRes220(CRes):
    messageVersion: Literal["2.2.0"]
    transStatus: Literal["Y", "N"]


class CRes231(CRes):
    messageVersion: Literal["2.3.1"]
    transStatus: Literal["Y", "N", "D"]


class MethodData(BaseModel):
    """What goes through the issuer's method frame and back; the address goes one way only."""

    model_config = Message.model_config

    threeDSServerTransID: ID
    threeDSMethodNotificationURL: Maybe[URL] = None


# Errors ----------------------------------------------------------------------------------------


class Erro(Message):
    """That a message can't be taken, and why."""

    messageType: Literal["Erro"] = "Erro"
    threeDSServerTransID: Maybe[ID] = None
    acsTransID: Maybe[ID] = None
    dsTransID: Maybe[ID] = None
    errorCode: ThreeDigits
    errorComponent: Literal["C", "S", "D", "A"]
    errorDescription: Text2048
    errorDetail: Text2048
    errorMessageType: Maybe[Text10] = None
