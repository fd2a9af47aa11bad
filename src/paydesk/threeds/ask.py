"""Question → the AReq that asks it, all but the card.

Source: reliability paper A.4.1.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

import phonenumbers

from paydesk import lookups
from paydesk.connectors.contract import CardField
from paydesk.threeds.model import Browser, Payer, Question, Requestor, Script
from paydesk.threeds.versions import DIALECTS, Dialect

# The vault puts the card in. Names longer than the 45 characters that fit are cut there; the name
# is not left out, because an issuer that compares it asks fewer payers for a challenge.
_CARD: Mapping[str, CardField] = {
    "/acctNumber": CardField.NUMBER,
    "/cardExpiryDate": CardField.EXPIRE_YYMM,
    "/cardholderName": CardField.SHORT_NAME,
}
# Stands in for it when the message is checked.
_SOME_CARD = {
    "acctNumber": "4000001200010700",
    "cardExpiryDate": "2812",
    "cardholderName": "John Doe",
}

_NO_LAST_DAY = "99991231"  # the field can't be left out in 2.2.0
_FIXED = {"amountInd": "01", "frequencyInd": "01"}
_NO_PREFERENCE = "01"  # whether to challenge is the issuer's to decide
_MANDATE = "04"

_HEADER_LENGTH_MAX = 2048
_LANGUAGES_MAX = 99
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_ANY_LANGUAGE = "und"  # BCP 47's "undetermined", for a version that can't leave it out
_PIXELS_MAX = 999_999
_TIME_ZONE_MINUTES_MAX = 1440  # what script says may be anything; no zone is a day away
_EMAIL_LENGTH_MAX = 254
_SUBSCRIBER_DIGITS_MAX = 15
_NATIONAL = "ZA"  # how a number without its country's code is read, as in requests


def write_areq(question: Question) -> tuple[dict[str, Any], dict[str, CardField]]:
    """The AReq's JSON without the card, and where in it the vault is to put which card field.

    Raises: nothing but for bugs: the message is checked before it leaves.
    """
    dialect = DIALECTS[question.version]
    wish = _MANDATE if question.demands_challenge else _NO_PREFERENCE
    body = {
        "messageType": "AReq",
        "messageVersion": question.version.value,
        "threeDSServerTransID": question.id,
        "threeDSServerURL": question.results_url,
        "threeDSCompInd": question.completion.value,
        "threeDSRequestorAuthenticationInd": question.purpose.value,
        "threeDSRequestorChallengeInd": [wish] if dialect.lists_challenge_wishes else wish,
        "threeDSRequestorDecReqInd": "N",
        "messageCategory": "01",  # a payment
        "deviceChannel": "02",  # in a browser
        "notificationURL": question.notification_url,
        **_requestor(question.requestor),
        **_purchase(question),
        **_recurrence(question, dialect),
        **_browser(question.browser, dialect),
        **_payer(question.payer),
    }
    dialect.areq.model_validate(body | _SOME_CARD)
    return body, dict(_CARD)


def _requestor(requestor: Requestor) -> dict[str, str]:
    named = {
        "threeDSServerRefNumber": requestor.server_reference,
        "threeDSRequestorID": requestor.id,
        "threeDSRequestorName": requestor.merchant_name,
        "threeDSRequestorURL": requestor.url,
        "acquirerBIN": requestor.acquirer_bin,
        "acquirerMerchantID": requestor.acquirer_merchant_id,
        "mcc": requestor.mcc,
        "merchantCountryCode": lookups.numeric_country(requestor.country),
        "merchantName": requestor.merchant_name,
    }
    if requestor.operator_id is not None:
        named["threeDSServerOperatorID"] = requestor.operator_id
    return named


def _purchase(question: Question) -> dict[str, str]:
    currency = question.amount.currency
    return {
        "purchaseAmount": str(question.amount.minor),
        "purchaseCurrency": lookups.numeric_currency(currency.code),
        "purchaseExponent": str(currency.digits),
        "purchaseDate": question.at.astimezone(UTC).strftime("%Y%m%d%H%M%S"),
    }


def _recurrence(question: Question, dialect: Dialect) -> dict[str, Any]:
    recurrence = question.recurrence
    if recurrence is None:
        return {}
    end = recurrence.end
    told: dict[str, Any] = {
        "recurringExpiry": _NO_LAST_DAY if end is None else f"{end:%Y%m%d}",
        "recurringFrequency": str(recurrence.days),
    }
    if dialect.tells_recurring_amount:
        currency = question.amount.currency
        told |= {
            "recurringAmount": str(question.amount.minor),
            "recurringCurrency": lookups.numeric_currency(currency.code),
            "recurringExponent": str(currency.digits),
            "recurringDate": f"{recurrence.next:%Y%m%d}",
            "recurringInd": _FIXED,
        }
    return told


def _browser(browser: Browser, dialect: Dialect) -> dict[str, Any]:
    seen: dict[str, Any] = {
        # Without the header anything is accepted. Source: RFC 9110 section 12.5.1.
        "browserAcceptHeader": browser.accept[:_HEADER_LENGTH_MAX] or "*/*",
        "browserUserAgent": browser.user_agent[:_HEADER_LENGTH_MAX] or "unknown",
        "browserJavascriptEnabled": browser.script is not None,
    }
    if browser.ip is not None:
        seen["browserIP"] = browser.ip
    accepted = [*_accepted_languages(browser, dialect)][:_LANGUAGES_MAX]
    if accepted and dialect.lists_languages:
        seen["acceptLanguage"] = accepted
    spoken = browser.script and _language(browser.script.language, dialect)
    language = spoken or next(iter(accepted), None)
    if language or dialect.is_language_required or browser.script:
        seen["browserLanguage"] = language or _ANY_LANGUAGE
    return seen | (_script(browser.script, dialect) if browser.script else {})


def _script(script: Script, dialect: Dialect) -> dict[str, Any]:
    lowest, *_ = depths = dialect.color_depths
    depth = max((depth for depth in depths if depth <= script.color_depth), default=lowest)
    zone = min(max(script.time_zone, -_TIME_ZONE_MINUTES_MAX), _TIME_ZONE_MINUTES_MAX)
    return {
        "browserJavaEnabled": script.java,
        "browserColorDepth": str(depth),
        "browserScreenHeight": _pixels(script.screen_height),
        "browserScreenWidth": _pixels(script.screen_width),
        "browserTZ": str(zone),
    }


def _pixels(count: int) -> str:
    return str(min(max(count, 0), _PIXELS_MAX))


def _accepted_languages(browser: Browser, dialect: Dialect) -> Iterator[str]:
    """The languages of the header, as browsers write it: the one preferred first."""
    for part in browser.accept_language.split(","):
        language = _language(part.partition(";")[0].strip(), dialect)
        if language is not None:
            yield language


def _language(text: str, dialect: Dialect) -> str | None:
    """The language tag, its last parts dropped where it is too long; None where it is none."""
    if _LANGUAGE.fullmatch(text) is None:
        return None
    while len(text) > dialect.language_length_max:
        text = text.rpartition("-")[0]
    return text


def _payer(payer: Payer) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if payer.email and len(payer.email) <= _EMAIL_LENGTH_MAX:
        told["email"] = payer.email
    if phone := _phone(payer.phone):
        told["mobilePhone"] = phone
    return told


def _phone(text: str | None) -> dict[str, str] | None:
    try:
        number = phonenumbers.parse(text or "", _NATIONAL)
    except phonenumbers.NumberParseException:
        return None
    subscriber = phonenumbers.national_significant_number(number)
    if len(subscriber) > _SUBSCRIBER_DIGITS_MAX:
        return None
    return {"cc": str(number.country_code), "subscriber": subscriber}
