"""Whose attempts are watched, and under which keys they are counted. Pure.

A key is a hash that tells sameness and nothing else.
"""

import hmac
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# Nobody pays from these: they are a proxy's, whose payers are not told apart. Counting them as one
# address would take the failures of all for one person's.
_NOBODYS = [
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10"),
    )
]


@dataclass(frozen=True, slots=True)
class Guard:
    """The guard of one installation. secret is 32 bytes, for its keys and challenges."""

    secret: bytes
    watches_tests: bool

    def watches(self, *, is_live: bool) -> bool:
        """Whether an account's attempts are counted and judged."""
        return is_live or self.watches_tests

    def address(self, text: str | None, *, is_live: bool) -> tuple[int | None, int | None]:
        """The keys of an address and of the network around it; None for an address of nobody's.

        An IPv6 host has a /64 to itself, so that counts as its address, and the /48 as the
        network; around an IPv4 address it is the /24.
        """
        if text is None or (found := places(text)) is None:
            return None, None
        return self._key("address", found[0], is_live), self._key("network", found[1], is_live)

    def card(self, fingerprint: str, *, is_live: bool) -> int:
        return self._key("card", fingerprint, is_live)

    def turn(self, account_id: int, sender: str) -> int:
        """Under which senders without a proof of work take turns at a merchant."""
        return self._key("turn", account_id, sender)

    def _key(self, kind: str, *parts: object) -> int:
        named = "|".join(["guard", kind, *map(str, parts)])
        digest = hmac.digest(self.secret, named.encode(), "sha256")
        return int.from_bytes(digest[:8], "big", signed=True)


def places(text: str) -> tuple[str, str] | None:
    """An address and its network as texts.

    >>> places("203.0.113.7")
    ('203.0.113.7', '203.0.113.0/24')
    >>> places("2001:db8:1:2:3::4")
    ('2001:db8:1:2::/64', '2001:db8:1::/48')
    >>> places("::ffff:203.0.113.7")
    ('203.0.113.7', '203.0.113.0/24')
    >>> places("127.0.0.1") is places("unknown") is None
    True
    """
    try:
        address: IPv4Address | IPv6Address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if any(address in network for network in _NOBODYS):
        return None
    if isinstance(address, IPv4Address):
        return str(address), str(ip_network(f"{address}/24", strict=False))
    host, site = (ip_network(f"{address}/{bits}", strict=False) for bits in (64, 48))
    return str(host), str(site)
