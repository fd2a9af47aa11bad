"""The ranges of card numbers that take part, as a directory server hands them out."""

import hashlib
from collections.abc import Iterator

from paydesk.sandbox.cards import CLASSIC, SCHEME_PREFIXES
from paydesk.sandbox.enrolment import METHODS, VERSIONS, Method, Versions
from paydesk.sandbox.messages import CardRange

# acsInfoInd: what the issuer offers. 01 authentication, 02 proof of an attempt.
_OFFERS = ["01", "02"]


def card_ranges(method_url: str) -> list[CardRange]:
    """All ranges, neighbours that are alike merged, in the order of their numbers.

    The method is asked for before the issuer knows the card, so the address says how it behaves.
    """
    scheme = [
        _range(start, end, versions, _address(method_url, method))
        for start, end, versions, method in _scheme()
    ]
    classic = [_range(number, number, VERSIONS["1"], None) for number in CLASSIC]
    return sorted([*scheme, *classic], key=lambda found: (found.startRange, found.endRange))


def serial_of(ranges: list[CardRange]) -> str:
    """A serial number that is another one as soon as the ranges are."""
    digest = hashlib.sha256()
    for found in ranges:
        span = f"{found.startRange} {found.endRange} {found.threeDSMethodURL} "
        versions = f"{found.acsStartProtocolVersion} {found.acsEndProtocolVersion}\n"
        digest.update((span + versions).encode())
    return digest.hexdigest()[:20]


def _scheme() -> Iterator[tuple[str, str, Versions, Method]]:
    """Start and end, versions and method."""
    for prefix in SCHEME_PREFIXES:
        for f in range(1000):
            for d1, versions in VERSIONS.items():
                for first, last, method in _runs(versions):
                    stem = f"{prefix}{f:03d}{d1}"
                    yield f"{stem}{first}000", f"{stem}{last}999", versions, method


def _runs(versions: Versions) -> list[tuple[int, int, Method]]:
    """First and last d2 of neighbours that are alike; version 1 knew no method URL."""
    if versions.end.startswith("1."):
        return [(0, 9, Method.ABSENT)]
    runs: list[tuple[int, int, Method]] = []
    for d2 in range(10):
        method = METHODS.get(str(d2), Method.PRESENT)
        if runs and runs[-1][2] is method:
            runs[-1] = (runs[-1][0], d2, method)
        else:
            runs.append((d2, d2, method))
    return runs


def _address(method_url: str, method: Method) -> str | None:
    return None if method is Method.ABSENT else f"{method_url}/{method.value}"


def _range(start: str, end: str, versions: Versions, method_url: str | None) -> CardRange:
    return CardRange(
        startRange=start,
        endRange=end,
        actionInd="A",
        acsStartProtocolVersion=versions.start,
        acsEndProtocolVersion=versions.end,
        acsInfoInd=_OFFERS,
        threeDSMethodURL=method_url,
    )
