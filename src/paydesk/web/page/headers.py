"""What a browser is told about every page, what it may load, keep and reveal; and about all else.

Source: reliability paper, WEB-1, WEB-4 and WEB-5.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

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


# For the issuer's frame: what banks confirm payments with.
_FOR_ISSUER = "camera=(), geolocation=(), microphone=(), payment=*, publickey-credentials-get=*"


def authentication_headers(nonce: str, addresses: Sequence[str]) -> dict[str, str]:
    """The headers of the document that holds the issuer's frame, and no field or form.

    addresses are where the frame will go; all of https may follow, as issuers redirect.
    Source: reliability paper, A.12.
    """
    frames = " ".join(["'self'", "https:", *_plain_origins(addresses)])
    changes = {"frame-src": frames, "form-action": "'none'"}
    return {
        **_ALWAYS,
        "Content-Security-Policy": _policy(nonce, changes),
        "Permissions-Policy": _FOR_ISSUER,
    }


def bounce_headers(nonce: str, address: str, *, is_framed: bool) -> dict[str, str]:
    """The headers of a document that posts itself to the issuer, in our frame or by full page."""
    targets = " ".join(["https:", *_plain_origins([address])])
    ancestors = "'self'" if is_framed else "'none'"
    changes = {"form-action": targets, "frame-ancestors": ancestors}
    return {
        **_ALWAYS,
        "Content-Security-Policy": _policy(nonce, changes),
        "X-Frame-Options": "SAMEORIGIN" if is_framed else "DENY",
    }


def returned_headers(nonce: str) -> dict[str, str]:
    """The headers of the document that the issuer sends the payer's browser back to."""
    changes = {"form-action": "'none'", "frame-ancestors": "'self'"}
    return {
        **_ALWAYS,
        "Content-Security-Policy": _policy(nonce, changes),
        "X-Frame-Options": "SAMEORIGIN",
    }


def framed_by(sent: Mapping[str, str], origins: Sequence[str]) -> dict[str, str]:
    """The headers of a document, for one that these origins may hold in a frame besides.

    Every document around another is asked for, so those in a frame of ours name them too.
    Source: reliability paper, WEB-4 and A.12; CSP level 3, frame-ancestors.
    """
    if not origins:
        return dict(sent)
    policy = dict(rule.split(" ", 1) for rule in sent["Content-Security-Policy"].split("; "))
    ours = [] if policy["frame-ancestors"] == "'none'" else [policy["frame-ancestors"]]
    policy["frame-ancestors"] = " ".join([*ours, *origins])
    # X-Frame-Options can't name origins, and older browsers would heed it alone.
    others = {name: value for name, value in sent.items() if name != "X-Frame-Options"}
    return {
        **others,
        "Content-Security-Policy": "; ".join(f"{name} {rule}" for name, rule in policy.items()),
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


def _policy(nonce: str, changes: Mapping[str, str]) -> str:
    rules = dict(rule.split(" ", 1) for rule in " ".join(_POLICY.split()).split("; "))
    rules.update(changes)
    return "; ".join(f"{name} {value}" for name, value in rules.items()).replace("NONCE", nonce)


def _plain_origins(addresses: Sequence[str]) -> list[str]:
    """Of addresses that are not https: those of sandbox issuers on this machine."""
    parts = [urlsplit(address) for address in addresses]
    return [f"http://{part.netloc}" for part in parts if part.scheme == "http"]


def headers(nonce: str) -> dict[str, str]:
    """The headers of a page beside EVERYWHERE, for the nonce its view was made with."""
    policy = _BEFORE_NONCE + nonce + _BETWEEN_NONCES + nonce + _AFTER_NONCE
    return {**_ALWAYS, "Content-Security-Policy": policy}
