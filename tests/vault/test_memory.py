"""Security codes are in memory once, and not for long."""

import asyncio

import pytest

from paydesk.vault.memory import SecurityCodes

pytestmark = pytest.mark.anyio


async def test_a_security_code_is_read_once():
    codes = SecurityCodes(seconds_max=60, count_max=10)
    codes.put("crd_1", "917")
    assert codes.take("crd_1") == "917"
    assert codes.take("crd_1") is None
    assert codes.take("crd_2") is None


async def test_it_is_gone_when_its_time_is_up():
    codes = SecurityCodes(seconds_max=0.02, count_max=10)
    codes.put("crd_1", "917")
    await asyncio.sleep(0.1)
    assert len(codes) == 0
    assert codes.take("crd_1") is None


async def test_the_oldest_gives_way_when_there_are_too_many():
    codes = SecurityCodes(seconds_max=60, count_max=2)
    for number in range(3):
        codes.put(f"crd_{number}", f"{number}{number}{number}")
    assert [codes.take(f"crd_{number}") for number in range(3)] == [None, "111", "222"]


async def test_a_code_given_again_takes_the_place_of_the_first_and_has_its_whole_time():
    codes = SecurityCodes(seconds_max=60, count_max=10)
    codes.put("crd_1", "917")
    held, timer = codes._codes["crd_1"]
    codes.put("crd_1", "918")
    assert held == bytes(3)
    assert timer.cancelled()
    assert codes.take("crd_1") == "918"


async def test_what_was_read_is_overwritten():
    codes = SecurityCodes(seconds_max=60, count_max=10)
    codes.put("crd_1", "917")
    held, timer = codes._codes["crd_1"]
    codes.take("crd_1")
    assert held == bytes(3)
    assert timer.cancelled()
