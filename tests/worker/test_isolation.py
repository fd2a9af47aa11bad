"""Receivers that are down keep nobody else waiting. `make isolation` is the long run."""

import pytest

from isolation import run

pytestmark = pytest.mark.anyio


async def test_all_others_hear_once_though_one_is_silent_and_four_fail(programs, anyio_backend):
    report = await run(programs, events=300, rate=100)
    assert report.faults() == []
    # 300 events for 100 receivers in turn: three for each of the 95 that are well.
    assert len(report.written) == 285
    # They were asked, so they were there to be in the way.
    assert report.asked.total() >= 5
