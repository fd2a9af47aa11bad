"""Did the merchant write this form? Its signature, made and compared."""

import hmac
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from paydesk.kit.signing import sign_body

SIGNATURE_INPUT = "signature"


def sign_form(inputs: Mapping[str, str], secret: str) -> str:
    """The lower-case hex HMAC-SHA256 of a form's inputs, keyed with the webhook secret's text.

    Signed is every input but the signature: sorted by name, form-urlencoded, a space as +.

    >>> sign_form({"mode": "one-off", "amount": "12.00"}, "whsec_AQID")[:16]
    'a542c678d3214f80'
    """
    return sign_body(_encoded(inputs).encode(), secret)


def is_signed(inputs: Mapping[str, str], signature: str, secret: str) -> bool:
    """Whether the signature is that of these inputs. Takes the same time wherever it differs."""
    return any(
        hmac.compare_digest(sign_body(text.encode(), secret).encode(), signature.encode())
        for text in _spellings(_encoded(inputs))
    )


def _encoded(inputs: Mapping[str, str]) -> str:
    return urlencode(sorted(pair for pair in inputs.items() if pair[0] != SIGNATURE_INPUT))


def _spellings(encoded: str) -> Iterator[str]:
    # Python leaves ~ as it is and escapes *, browsers and Node do the reverse, PHP escapes both.
    # All of them mean the same inputs, so none of them is a forgery.
    yield encoded
    if "~" in encoded or "%2A" in encoded:
        yield encoded.replace("~", "%7E")
        yield encoded.replace("~", "%7E").replace("%2A", "*")
