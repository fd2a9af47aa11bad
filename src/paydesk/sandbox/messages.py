"""The messages of 3-D Secure as both versions have them; versions.py adds what differs.

Source: reliability paper A.4, A.5 and A.7. Fields that are not named here are ignored, as the
protocol asks.
"""
# ruff: noqa: N815 (the protocol's own names)

from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from paydesk.sandbox import elements as form
from paydesk.sandbox.elements import May, codes


class Message(BaseModel):
    """What all have in common."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    messageType: form.Text16
    messageVersion: form.Text16

    def absent(self) -> Iterator[str]:
        """The fields that are missing because of what others say."""
        yield from ()

    @classmethod
    def of(cls, **fields: Any) -> Self:
        """The message with those of the fields that are something: an absent field is no null."""
        return cls(**{name: value for name, value in fields.items() if value is not None})

    def written(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)


class Phone(BaseModel):
    """A telephone number in its two parts."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    cc: form.Digits1To3
    subscriber: form.Digits1To15


class AReq(Message):
    """Asks whether the payer is the card's holder: the browser flow."""

    threeDSServerTransID: form.ID
    threeDSServerRefNumber: form.Text32
    threeDSServerOperatorID: May[form.Text32] = None
    threeDSServerURL: form.SafeAddress2048
    threeDSRequestorID: form.Text35
    threeDSRequestorName: form.Text40
    threeDSRequestorURL: form.WebAddress
    threeDSCompInd: Annotated[str, codes("Y", "N", "U")]
    threeDSRequestorAuthenticationInd: form.Text16
    threeDSRequestorDecReqInd: May[form.YesNo] = None
    threeDSRequestorDecMaxTime: May[form.Digits5] = None

    acctNumber: form.Number
    cardExpiryDate: May[form.YearMonth] = None
    acctType: May[Annotated[str, codes("01-03")]] = None
    cardholderName: May[form.Name] = None
    email: May[form.Email] = None
    homePhone: May[Phone] = None
    mobilePhone: May[Phone] = None
    workPhone: May[Phone] = None
    billAddrLine1: May[form.Text50] = None
    billAddrLine2: May[form.Text50] = None
    billAddrLine3: May[form.Text50] = None
    billAddrCity: May[form.Text50] = None
    billAddrPostCode: May[form.Text16] = None
    billAddrState: May[form.State] = None
    billAddrCountry: May[form.Country] = None
    shipAddrLine1: May[form.Text50] = None
    shipAddrLine2: May[form.Text50] = None
    shipAddrLine3: May[form.Text50] = None
    shipAddrCity: May[form.Text50] = None
    shipAddrPostCode: May[form.Text16] = None
    shipAddrState: May[form.State] = None
    shipAddrCountry: May[form.Country] = None
    addrMatch: May[form.YesNo] = None
    acctInfo: May[form.Object] = None
    merchantRiskIndicator: May[form.Object] = None

    acquirerBIN: form.BankNumber
    acquirerMerchantID: form.Text35
    mcc: form.Digits4
    merchantCountryCode: form.Country
    merchantName: form.Text40

    messageCategory: Annotated[str, codes("01", "02")]
    deviceChannel: Annotated[str, codes("02")]  # apps and requestors without a payer: not here
    purchaseAmount: May[form.Amount] = None
    purchaseCurrency: May[form.Currency] = None
    purchaseExponent: May[form.Digits1] = None
    purchaseDate: May[form.Moment] = None
    transType: May[Annotated[str, codes("01", "03", "10", "11", "28")]] = None
    recurringExpiry: May[form.Day] = None
    recurringFrequency: May[form.Digits1To4] = None
    purchaseInstalData: May[form.Instalments] = None

    notificationURL: form.Text2048
    browserAcceptHeader: form.Text2048
    browserIP: May[form.IPAddress] = None
    browserJavascriptEnabled: bool
    browserJavaEnabled: May[bool] = None
    browserScreenHeight: May[form.Digits1To6] = None
    browserScreenWidth: May[form.Digits1To6] = None
    browserTZ: May[form.TimeZone] = None
    browserUserAgent: form.Text2048
    browserLanguage: May[form.Text35] = None
    browserColorDepth: May[Annotated[str, codes("1", "4", "8", "15", "16", "24", "32", "48")]] = (
        None
    )

    # Added by the directory server.
    dsReferenceNumber: May[form.Text32] = None
    dsTransID: May[form.ID] = None
    dsURL: May[form.SafeAddress2048] = None

    def absent(self) -> Iterator[str]:
        needed: list[str] = []
        if self.messageCategory == "01":
            needed += ["purchaseAmount", "purchaseCurrency", "purchaseExponent", "purchaseDate"]
        if self.threeDSRequestorAuthenticationInd in {"02", "03"}:
            needed += ["recurringExpiry", "recurringFrequency"]
        if self.threeDSRequestorAuthenticationInd == "03":
            needed += ["purchaseInstalData"]
        if self.browserJavascriptEnabled:
            needed += [
                "browserJavaEnabled",
                "browserLanguage",
                "browserColorDepth",
                "browserScreenHeight",
                "browserScreenWidth",
                "browserTZ",
            ]
        if self.billAddrState is not None:
            needed += ["billAddrCountry"]
        if self.shipAddrState is not None:
            needed += ["shipAddrCountry"]
        yield from (name for name in needed if getattr(self, name) is None)

    @property
    def asks_for_trust_listing(self) -> bool:
        return False

    @property
    def mandates_challenge(self) -> bool:
        return False


class ARes(Message):
    """The issuer's answer; of the optional fields those that its version and status have."""

    messageType: form.Text16 = "ARes"
    threeDSServerTransID: form.ID
    dsTransID: form.ID
    acsTransID: form.ID
    dsReferenceNumber: form.Text32
    acsReferenceNumber: form.Text32
    transStatus: Annotated[str, codes("Y", "N", "U", "A", "C", "R", "I")]
    transStatusReason: May[form.Text16] = None
    authenticationValue: May[form.Text32] = None
    eci: May[form.Text16] = None
    acsChallengeMandated: May[form.YesNo] = None
    acsURL: May[form.WebAddress] = None
    authenticationType: May[str] = None
    authenticationMethod: May[list[str]] = None
    cardholderInfo: May[str | dict[str, str]] = None
    whiteListStatus: May[str] = None
    whiteListStatusSource: May[str] = None
    trustListStatus: May[str] = None
    trustListStatusSource: May[str] = None


class MethodRequest(BaseModel):
    """What the method page is given."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    threeDSServerTransID: form.ID
    threeDSMethodNotificationURL: form.SafeAddress2048


class CReq(Message):
    """Opens a challenge, by way of the browser."""

    threeDSServerTransID: form.ID
    acsTransID: form.ID
    challengeWindowSize: Annotated[str, codes("01-05")]


class CRes(Message):
    """Ends a challenge, by way of the browser: a hint, without any proof."""

    messageType: form.Text16 = "CRes"
    threeDSServerTransID: form.ID
    acsTransID: form.ID
    challengeCompletionInd: form.YesNo = "Y"
    transStatus: Annotated[str, codes("Y", "N")]


class RReq(Message):
    """The result of a challenge, from issuer to directory server to 3DS server."""

    messageType: form.Text16 = "RReq"
    threeDSServerTransID: form.ID
    dsTransID: form.ID
    acsTransID: form.ID
    messageCategory: Annotated[str, codes("01", "02")]
    transStatus: Annotated[str, codes("Y", "N", "U", "A", "R")]
    transStatusReason: May[form.Text16] = None
    authenticationType: May[str] = None
    authenticationMethod: May[list[str]] = None
    authenticationValue: May[form.Text32] = None
    eci: May[form.Text16] = None
    interactionCounter: May[Annotated[str, codes("00-99")]] = None
    challengeCancel: May[Annotated[str, codes("01-10")]] = None


class PReq(Message):
    """Asks for the ranges of cards that take part."""

    threeDSServerTransID: form.ID
    threeDSServerRefNumber: form.Text32
    threeDSServerOperatorID: May[form.Text32] = None
    serialNum: May[form.Text20] = None


class CardRange(BaseModel):
    """Cards that are alike."""

    startRange: form.Number
    endRange: form.Number
    actionInd: str
    acsStartProtocolVersion: str
    acsEndProtocolVersion: str
    acsInfoInd: list[str]
    threeDSMethodURL: str | None = None


class PRes(Message):
    """The ranges; none where the asker's serial number is the present one."""

    messageType: form.Text16 = "PRes"
    threeDSServerTransID: form.ID
    dsTransID: form.ID
    dsStartProtocolVersion: str
    dsEndProtocolVersion: str
    serialNum: form.Text20
    cardRangeData: list[CardRange] | None = None


class Erro(Message):
    """What is wrong with a message."""

    messageType: form.Text16 = "Erro"
    threeDSServerTransID: str | None = None
    acsTransID: str | None = None
    dsTransID: str | None = None
    errorCode: str
    errorComponent: Annotated[str, Field(max_length=1)]  # C app, S server, D directory, A issuer
    errorDescription: str
    errorDetail: str
    errorMessageType: str
