import contextlib
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks import (
    LOOPBACK_NAMES,
    LOOPBACK_SPELLINGS,
    MALFORMED,
    PRIVATE_4,
    PRIVATE_6,
    PRIVATE_NAMES,
)
from paydesk import limits
from paydesk.kit.addresses import (
    BadURL,
    CheckedURL,
    Rule,
    Verdict,
    check_url,
    judge,
    parse_literal,
)

GOOD = [
    "https://shop.example/",
    "https://shop.example",
    "https://shop.example?order=1",
    "https://shop.example#paid",
    "https://shop.example/a/b;c=d?e=f&g=%20#h",
    "https://shop.example/@user:x/",
    "https://shop.example/?next=https://127.0.0.1/",
    "https://shop.example/%2e%2e/",
    "HTTPS://shop.example/",
    "hTTps://Shop.Example/",
    "https://shop.example./",
    "https://shop.example:443/",
    "https://shop.example:0443/",
    "https://shop.example:8443/hook",
    "https://shop.example:1024/",
    "https://shop.example:65535/",
    "https://sub-domain.shop.co.za/hook",
    "https://my_shop.example/hook",
    "https://127.0.0.1.nip.example/",
    "https://localhost.example/",
    "https://internal.example/",
    "https://xn--mnchen-3ya.example/",
    "https://münchen.example/",
    "https://例え.example/",
    "https://shop.example/größe?ü=✓",
    "https://8.8.8.8/",
    "https://8.8.8.8:8443/",
    "https://192.31.196.1/",
    "https://172.15.255.255/",
    "https://172.32.0.0/",
    "https://100.63.255.255/",
    "https://100.128.0.0/",
    "https://[2606:4700:4700::1111]/",
    "https://[2606:4700:4700::1111]:8443/",
    "https://[::ffff:8.8.8.8]/",
    "https://[64:ff9b::8.8.8.8]/",
    "https://" + "a" * 63 + ".example/",
    "https://shop.example/" + "a" * (limits.URL_LENGTH_MAX - len("https://shop.example/")),
]


def dialled(text: str, *, loopback_allowed: bool = False) -> CheckedURL:
    return check_url(
        text,
        may_be_plain_http_to_loopback=loopback_allowed,
        is_dialled_by_us=True,
        loopback_allowed=loopback_allowed,
    )


def for_browsers(text: str, *, is_test: bool = False) -> CheckedURL:
    return check_url(text, may_be_plain_http_to_loopback=is_test, is_dialled_by_us=False)


def rule_against(text: str, **allowed: bool) -> Rule:
    with pytest.raises(BadURL) as refused:
        dialled(text, **allowed)
    return refused.value.rule


@pytest.mark.parametrize("text", GOOD)
def test_a_public_https_url_may_be_dialled_and_its_text_is_kept(text: str) -> None:
    assert dialled(text).text == text
    assert for_browsers(text).text == text


def test_a_checked_url_tells_its_parts() -> None:
    assert dialled("https://Shop.Example:8443/x") == CheckedURL(
        "https://Shop.Example:8443/x", "https", "shop.example", 8443, None
    )
    assert dialled("https://shop.example/x").port == 443
    literal = dialled("https://[2606:4700::1]/")
    assert (literal.host, literal.address) == ("2606:4700::1", IPv6Address("2606:4700::1"))
    assert dialled("https://münchen.example/").host == "xn--mnchen-3ya.example"


def test_the_corpus_is_as_large_as_promised() -> None:
    vectors = [*LOOPBACK_SPELLINGS, *LOOPBACK_NAMES, *PRIVATE_4, *PRIVATE_6, *PRIVATE_NAMES]
    assert len(vectors) + len(MALFORMED) >= 150


@pytest.mark.parametrize("host", [*LOOPBACK_SPELLINGS, *LOOPBACK_NAMES])
@pytest.mark.parametrize("port", ["", ":8443"])
def test_loopback_is_not_dialled_however_it_is_spelled(host: str, port: str) -> None:
    assert rule_against(f"https://{host}{port}/hook") is Rule.LOOPBACK_NOT_ALLOWED


@pytest.mark.parametrize(
    "host", [*PRIVATE_4, *(f"[{address}]" for address in PRIVATE_6), *PRIVATE_NAMES]
)
def test_private_networks_are_not_dialled(host: str) -> None:
    for is_allowed in (False, True):
        rule = rule_against(f"https://{host}/hook", loopback_allowed=is_allowed)
        assert rule is Rule.PRIVATE_ADDRESS


@pytest.mark.parametrize("text", MALFORMED)
def test_a_malformed_url_is_refused_everywhere(text: str) -> None:
    assert rule_against(text) is Rule.URL
    assert rule_against(text, loopback_allowed=True) is Rule.URL
    with pytest.raises(BadURL):
        for_browsers(text, is_test=True)


@pytest.mark.parametrize("host", ["134744072", "8.8.8.8.", "010.8.8.8", "8.8.2056", "⑧.2056"])
def test_a_public_address_must_be_spelled_plainly_to_be_dialled(host: str) -> None:
    assert rule_against(f"https://{host}/") is Rule.URL
    assert for_browsers(f"https://{host}/").address is not None


@pytest.mark.parametrize("host", ["shop.example", "10.0.0.1", "127.0.0.1.example", "8.8.8.8"])
def test_plain_http_is_refused_but_to_loopback(host: str) -> None:
    assert rule_against(f"http://{host}/") is Rule.HTTPS_REQUIRED
    assert rule_against(f"http://{host}/", loopback_allowed=True) is Rule.HTTPS_REQUIRED


@pytest.mark.parametrize(
    "authority", ["localhost", "127.0.0.1:80", "[::1]:8080", "shop.localhost:3000", "127.1:65535"]
)
def test_loopback_is_dialled_where_it_is_allowed(authority: str) -> None:
    assert dialled(f"http://{authority}/hook", loopback_allowed=True).scheme == "http"
    assert rule_against(f"http://{authority}/hook") is Rule.HTTPS_REQUIRED


def test_loopback_without_the_setting_says_so_even_with_test_keys() -> None:
    with pytest.raises(BadURL, match="PAYDESK_WEBHOOK_ALLOW_LOOPBACK") as refused:
        check_url(
            "http://localhost:3000/", may_be_plain_http_to_loopback=True, is_dialled_by_us=True
        )
    assert refused.value.rule is Rule.LOOPBACK_NOT_ALLOWED


@pytest.mark.parametrize("port", [1, 22, 25, 80, 442, 444, 1023])
def test_low_ports_are_not_dialled(port: int) -> None:
    assert rule_against(f"https://shop.example:{port}/") is Rule.PORT_NOT_ALLOWED
    assert for_browsers(f"https://shop.example:{port}/").port == port
    if port != 80:
        loopback = rule_against(f"http://localhost:{port}/", loopback_allowed=True)
        assert loopback is Rule.PORT_NOT_ALLOWED


@pytest.mark.parametrize(
    "host", ["intranet", "10.0.0.1", "[fd00::1]", "localhost", "127.0.0.1", "db.internal"]
)
def test_a_browser_may_be_sent_anywhere_over_https(host: str) -> None:
    assert for_browsers(f"https://{host}/back").scheme == "https"


def test_a_browser_is_sent_over_plain_http_to_loopback_with_test_keys_only() -> None:
    assert for_browsers("http://localhost:3000/back", is_test=True).port == 3000
    for text, is_test in [("http://localhost:3000/back", False), ("http://shop.example/", True)]:
        with pytest.raises(BadURL) as refused:
            for_browsers(text, is_test=is_test)
        assert refused.value.rule is Rule.HTTPS_REQUIRED


@pytest.mark.parametrize("rule", list(Rule))
def test_every_rule_has_a_sentence(rule: Rule) -> None:
    assert str(BadURL(rule)).endswith(".")


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "192.175.48.1", "2606:4700::1", "2a00::1"])
def test_a_public_address_is_judged_public(text: str) -> None:
    assert judge(ip_address(text)) is Verdict.PUBLIC


@pytest.mark.parametrize("text", PRIVATE_6)
def test_a_private_ipv6_address_is_judged_forbidden(text: str) -> None:
    assert judge(IPv6Address(text)) is Verdict.FORBIDDEN


@pytest.mark.parametrize("zoned", ["fe80::1%eth0", "2606:4700::1%1", "::1%lo"])
def test_an_address_with_a_zone_is_judged_forbidden(zoned: str) -> None:
    literal = parse_literal(f"[{zoned}]")
    assert literal is not None
    assert judge(literal) is Verdict.FORBIDDEN


@given(st.ip_addresses(v=4))
def test_wrapping_never_makes_an_ipv4_address_more_public(address: IPv4Address) -> None:
    inner = judge(address)
    assert judge(IPv6Address(f"::ffff:{address}")) is inner
    if inner is not Verdict.PUBLIC:
        assert judge(IPv6Address(f"64:ff9b::{address}")) is Verdict.FORBIDDEN
    for wrapped in [
        int.from_bytes(address.packed),
        0x2002 << 112 | int.from_bytes(address.packed) << 80,
        0x20010000 << 96 | int.from_bytes(address.packed) ^ 0xFFFFFFFF,
        0x64FF9B0001 << 80 | int.from_bytes(address.packed),
    ]:
        assert judge(IPv6Address(wrapped)) is not Verdict.PUBLIC


@given(st.ip_addresses())
def test_a_public_verdict_implies_what_the_standard_library_denies(
    address: IPv4Address | IPv6Address,
) -> None:
    if judge(address) is Verdict.PUBLIC:
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_private


@given(st.ip_addresses(v=4))
def test_every_spelling_of_an_ipv4_address_is_read_as_it(address: IPv4Address) -> None:
    number = int(address)
    a, b, c, d = address.packed
    for text in [
        str(address),
        str(number),
        hex(number),
        f"0{number:o}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a:#x}.{b}.{number & 0xFFFF:#x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{address}.",
        str(address).translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)}),
    ]:
        assert parse_literal(text) == address


@given(st.text())
def test_any_text_is_either_a_url_or_refused(text: str) -> None:
    for start in ["", "https://", "http://", "https://shop.example"]:
        with contextlib.suppress(BadURL):
            assert dialled(start + text, loopback_allowed=True).text == start + text


@pytest.mark.parametrize("host", ["127.0.0.\u00ad1", "127.0.0.1\u2060", "\u200b127.1"])
def test_characters_that_idna_drops_do_not_hide_a_literal(host: str) -> None:
    assert parse_literal(host) == IPv4Address("127.0.0.1")


@pytest.mark.parametrize("text", ["shop.example", "127.0.0.1.example", "beef", "x", "", "0xg.1"])
def test_a_name_is_not_a_literal(text: str) -> None:
    assert parse_literal(text) is None
