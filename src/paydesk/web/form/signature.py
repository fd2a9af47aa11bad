"""Did the merchant write this form? Its signature, compared with what it has to be."""

import hmac
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from paydesk.kit.signing import sign_body

SIGNATURE_INPUT = "signature"


def is_signed(inputs: Mapping[str, str], signature: str, secret: str) -> bool:
    """Whether the signature is these inputs' lower-case hex HMAC-SHA256.

    Its key is the webhook secret's text. Signed is every input but the signature: sorted by name,
    form-urlencoded, a space as +. Takes the same time wherever it differs.
    """
    signed = urlencode(sorted(pair for pair in inputs.items() if pair[0] != SIGNATURE_INPUT))
    return any(
        hmac.compare_digest(sign_body(text.encode(), secret).encode(), signature.encode())
        for text in _spellings(signed)
    )


def _spellings(encoded: str) -> Iterator[str]:
    # Python leaves ~ as it is and escapes *, browsers and Node do the reverse, PHP escapes both.
    # All of them mean the same inputs, so none of them is a forgery.
    yield encoded
    if "~" in encoded or "%2A" in encoded:
        yield encoded.replace("~", "%7E")
        yield encoded.replace("~", "%7E").replace("%2A", "*")
