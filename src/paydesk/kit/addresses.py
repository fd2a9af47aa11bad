"""Which addresses may be dialled, and which URL texts are acceptable. Pure: nothing is resolved.

A URL's text is judged when somebody gives it to us; the address behind a name is judged when it
is dialled, in `outbound.py`. Both use `judge`.
"""

import re
import socket
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import idna

from paydesk import limits

Address = IPv4Address | IPv6Address

# Python's own `is_global` is not a filter: in 3.11 it is True for multicast, 6to4, NAT64,
# IPv4-compatible and site-local addresses. Sources: the IANA special-purpose registries.
_DENIED_4 = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host; Linux connects 0.0.0.0 to itself
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT, and some clouds' metadata
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, with the clouds' metadata service
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation, as 198.51.100/24 and 203.0.113/24
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
]
# Global unicast is 2000::/3; all else (unique-local, link-local, site-local, multicast, ::/8,
# 100::/64, 5f00::/16) falls outside it.
_GLOBAL_UNICAST_6 = IPv6Network("2000::/3")
_DENIED_6 = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments; Teredo (2001::/32) wraps an IPv4 address
        "2001:db8::/32",  # documentation, as 3fff::/20
        "2002::/16",  # 6to4 wraps an IPv4 address; retired, so its public ones go as well
        "3fff::/20",
    )
]
# A network with IPv6 only reaches all of IPv4 through this prefix, so the inner address decides.
# The other prefix, 64:ff9b:1::/48, is for a network's own use (RFC 8215) and stays forbidden.
_NAT64 = IPv6Network("64:ff9b::/96")

_IPV4_LETTERS = re.compile(r"[0-9a-fx.]+")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
# A last label of digits, or in hexadecimal, makes resolvers read the whole host as IPv4.
_NAME = re.compile(rf"(?:{_LABEL}\.)*(?!(?:[0-9]+|0x[0-9a-f]*)\.?$){_LABEL}\.?")
_NAME_LENGTH_MAX = 253  # RFC 1035 section 2.3.4, without the length bytes
# Names that by agreement never lead out of a machine or a network (RFC 6762, 8375, ICANN).
_PRIVATE_NAME = re.compile(r".*\.(?:local|localdomain|internal|home\.arpa)")

_ABSOLUTE = re.compile(
    r"(https?)://(\[[^\[\]/?#%]+\]|[^:/?#@%\[\]]+)(?::([0-9]{1,5}))?(?:[/?#].*)?",
    re.IGNORECASE | re.ASCII,  # without ASCII, ſ would pass for an s
)
# Nearly every URL has this shape, and needs no closer look: https, a name under a top-level
# domain of letters that is not one of the special ones, no port, ASCII without blanks.
_ORDINARY = re.compile(
    r"https://((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"(?!local|internal|arpa)[a-z]{2,63})(?:[/?#][!-\[\]-~]*)?"
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Verdict(Enum):
    """Whom an address belongs to."""

    PUBLIC = "public"
    LOOPBACK = "loopback"
    FORBIDDEN = "forbidden"


class Rule(StrEnum):
    """Why a URL is refused, in the order of checking."""

    URL = "url"
    HTTPS_REQUIRED = "https_required"
    LOOPBACK_NOT_ALLOWED = "loopback_not_allowed"
    PRIVATE_ADDRESS = "private_address"
    PORT_NOT_ALLOWED = "port_not_allowed"


_SENTENCES = {
    Rule.URL: "This should be an absolute URL such as https://shop.example/path, at most "
    f"{limits.URL_LENGTH_MAX} characters long.",
    Rule.HTTPS_REQUIRED: "This should begin with https://; http:// works to localhost with test "
    "keys only.",
    Rule.LOOPBACK_NOT_ALLOWED: "This leads to this machine itself, which is allowed with test keys "
    "only, where PAYDESK_WEBHOOK_ALLOW_LOOPBACK is 1.",
    Rule.PRIVATE_ADDRESS: "This leads into a private network; give an address that the internet "
    "can reach.",
    Rule.PORT_NOT_ALLOWED: "The port should be 443, or 1024 and above.",
}


class BadURL(ValueError):
    """The text is not a URL that may be used here; `rule` says why, the text says it in words."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(_SENTENCES[rule])
        self.rule = rule


@dataclass(frozen=True, slots=True)
class CheckedURL:
    """A URL found acceptable, its text unchanged.

    Shape: host is in lower case and ASCII, without brackets; address is set where the host is a
        literal address in any spelling.
    """

    text: str
    scheme: str
    host: str
    port: int
    address: Address | None

    @property
    def origin(self) -> str:
        """Scheme, host, and the port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        own = self.port == _DEFAULT_PORTS[self.scheme]
        return f"{self.scheme}://{host}" + ("" if own else f":{self.port}")


@lru_cache(maxsize=4096)
def judge(address: Address) -> Verdict:
    """Whether an address is public, our own machine's, or neither.

    A mapped address (::ffff:a.b.c.d) is the IPv4 address, since the system dials that one.

    >>> judge(IPv4Address("8.8.8.8")).value, judge(IPv6Address("::ffff:127.0.0.1")).value
    ('public', 'loopback')
    >>> judge(IPv4Address("169.254.169.254")).value
    'forbidden'
    """
    if isinstance(address, IPv6Address):
        return _judge_6(address)
    if address.is_loopback:
        return Verdict.LOOPBACK
    is_public = address.is_global and not any(address in network for network in _DENIED_4)
    return Verdict.PUBLIC if is_public else Verdict.FORBIDDEN


def _judge_6(address: IPv6Address) -> Verdict:
    # A zone binds an address to one of this machine's links.
    if address.scope_id is not None:
        return Verdict.FORBIDDEN
    if address.ipv4_mapped is not None:
        return judge(address.ipv4_mapped)
    if address.is_loopback:
        return Verdict.LOOPBACK
    if address in _NAT64:
        inner = judge(IPv4Address(address.packed[12:]))
        return Verdict.PUBLIC if inner is Verdict.PUBLIC else Verdict.FORBIDDEN
    is_public = (
        address in _GLOBAL_UNICAST_6
        and address.is_global
        and not any(address in network for network in _DENIED_6)
    )
    return Verdict.PUBLIC if is_public else Verdict.FORBIDDEN


def parse_literal(host: str) -> Address | None:
    """The address a host text spells, where a resolver would read it as one; else None.

    Takes decimal, octal, hexadecimal and short IPv4, digits and dots of other scripts, a
    trailing dot, brackets, and IPv6 with a zone.

    >>> parse_literal("0x7f.1"), parse_literal("①②⑦.0.0.1"), parse_literal("shop.example")
    (IPv4Address('127.0.0.1'), IPv4Address('127.0.0.1'), None)
    """
    plain = host if host.isascii() else _in_ascii(host)
    plain = plain.lower().removeprefix("[").removesuffix("]")
    if ":" in plain:
        return _ipv6(plain)
    plain = plain.rstrip(".")
    if _IPV4_LETTERS.fullmatch(plain) is None:
        return None
    try:
        return IPv4Address(socket.inet_aton(plain))
    except OSError:
        return None


def _ipv6(text: str) -> IPv6Address | None:
    try:
        return IPv6Address(text)
    except ValueError:
        return None


def _in_ascii(host: str) -> str:
    """The host as IDNA maps it (UTS 46, as the outgoing client does), or as it was."""
    try:
        return idna.encode(host, uts46=True).decode()
    except UnicodeError:
        return host


def check_url(
    text: str,
    *,
    may_be_plain_http_to_loopback: bool,
    is_dialled_by_us: bool,
    loopback_allowed: bool = False,
) -> CheckedURL:
    """The URL, if it may be used: by a payer's browser, or for a call of our own.

    Plain http is for loopback only. What we dial ourselves must also not spell an address or a
    name inside a network, and keeps to ports 443 and 1024 and above (80 too for plain http).

    Bounds: at most limits.URL_LENGTH_MAX characters.
    Raises: BadURL, with the first Rule that is broken.

    >>> check_url("https://shop.example/paid", may_be_plain_http_to_loopback=False,
    ...           is_dialled_by_us=True).host
    'shop.example'
    """
    if len(text) > limits.URL_LENGTH_MAX:
        raise BadURL(Rule.URL)
    ordinary = _ORDINARY.fullmatch(text)
    if ordinary is not None and len(ordinary[1]) <= _NAME_LENGTH_MAX:
        return CheckedURL(text, "https", ordinary[1], 443, None)
    url = _read(text)
    is_loopback = _is_loopback(url)
    if url.scheme == "http" and not (is_loopback and may_be_plain_http_to_loopback):
        raise BadURL(Rule.HTTPS_REQUIRED)
    if is_dialled_by_us:
        _refuse_undiallable(url, is_loopback=is_loopback, loopback_allowed=loopback_allowed)
    return url


def _read(text: str) -> CheckedURL:
    # Our own pattern, because urlsplit drops control characters, takes what follows a bracket
    # and lets user info pass.
    found = _ABSOLUTE.fullmatch(text)
    if found is None or not text.isprintable() or " " in text or "\\" in text:
        raise BadURL(Rule.URL)
    scheme = found[1].lower()
    port = int(found[3] or _DEFAULT_PORTS[scheme])
    if not 1 <= port <= 65535:
        raise BadURL(Rule.URL)
    host = found[2] if found[2].isascii() else _in_ascii(found[2])
    host = host.lower()
    address = parse_literal(host)
    if not _is_host(host, address):
        raise BadURL(Rule.URL)
    return CheckedURL(text, scheme, host.strip("[]"), port, address)


def _is_host(text: str, address: Address | None) -> bool:
    if text.startswith("["):
        return isinstance(address, IPv6Address)
    is_name = len(text) <= _NAME_LENGTH_MAX and _NAME.fullmatch(text) is not None
    return address is not None or is_name


def _is_loopback(url: CheckedURL) -> bool:
    if url.address is not None:
        return judge(url.address) is Verdict.LOOPBACK
    name = url.host.rstrip(".")
    return name == "localhost" or name.endswith(".localhost")


def _refuse_undiallable(url: CheckedURL, *, is_loopback: bool, loopback_allowed: bool) -> None:
    if is_loopback:
        if not loopback_allowed:
            raise BadURL(Rule.LOOPBACK_NOT_ALLOWED)
    elif url.address is not None:
        if judge(url.address) is not Verdict.PUBLIC:
            raise BadURL(Rule.PRIVATE_ADDRESS)
        # 134744072 is 8.8.8.8 to some programs and a name to others.
        if isinstance(url.address, IPv4Address) and str(url.address) != url.host:
            raise BadURL(Rule.URL)
    elif "." not in url.host.rstrip(".") or _PRIVATE_NAME.fullmatch(url.host.rstrip(".")):
        raise BadURL(Rule.PRIVATE_ADDRESS)
    if url.port < 1024 and url.port not in {443, _DEFAULT_PORTS[url.scheme]}:
        raise BadURL(Rule.PORT_NOT_ALLOWED)
