"""What a browser is told about every page, what it may load, keep and reveal; and about all else.

Source: reliability paper, WEB-1, WEB-4 and WEB-5.
"""

from collections.abc import Mapping

# Everything the page needs stands in it, so nothing may be loaded: style and script carry the
# nonce, the icon is data, forms and the question how far a payment is go to our own origin.
_POLICY = """
default-src 'none';
script-src 'nonce-NONCE';
style-src 'nonce-NONCE';
img-src 'self' data:;
connect-src 'self';
form-action 'self';
frame-src 'none';
frame-ancestors 'none';
object-src 'none';
base-uri 'none';
require-trusted-types-for 'script';
trusted-types 'none'
"""
_BEFORE_NONCE, _BETWEEN_NONCES, _AFTER_NONCE = " ".join(_POLICY.split()).split("NONCE")

# Of every answer of the web program: of its API, its documents and its images too.
EVERYWHERE: Mapping[str, str] = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}
_ALWAYS: Mapping[str, str] = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(self), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


def headers(nonce: str) -> dict[str, str]:
    """The headers of a page beside EVERYWHERE, for the nonce its view was made with."""
    policy = _BEFORE_NONCE + nonce + _BETWEEN_NONCES + nonce + _AFTER_NONCE
    return {**_ALWAYS, "Content-Security-Policy": policy}
