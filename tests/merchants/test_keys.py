"""API keys and secrets."""

import base64
import re
import zlib

import pytest

from paydesk.kit import ids
from paydesk.merchants.keys import new_key, new_secret, secret_hash


@pytest.mark.parametrize(("is_live", "mode"), [(False, "test"), (True, "live")])
def test_a_secret_says_what_it_is_and_carries_a_checksum(is_live, mode):
    secret = new_secret("secret", is_live=is_live)
    assert re.fullmatch(rf"secret_{mode}_[a-z2-7]{{59}}", secret)
    text, check = secret[:-7], secret[-7:]
    assert base64.b32decode(check.upper() + "=") == zlib.crc32(text.encode()).to_bytes(4)


def test_secrets_do_not_repeat():
    assert len({new_secret("secret", is_live=False) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("kind", ["key", "public"])
def test_a_key_is_named_after_its_kind_and_mode(kind):
    key = new_key(kind, is_live=False)
    assert key.startswith(f"{kind}_test_")
    assert ids.looks_like("key", f"key_{key.removeprefix(f'{kind}_test_')}")


def test_only_a_hash_of_a_secret_is_kept():
    assert len(secret_hash("secret_test_a")) == 32
    assert secret_hash("secret_test_a") != secret_hash("secret_test_b")
