"""Due payments charged by workers that are killed: each once. `make recurring` is the long run."""

import pytest

from recurring import charge

pytestmark = pytest.mark.anyio


async def test_each_is_charged_once_though_workers_are_killed(programs, anyio_backend):
    report = await charge(programs, count=200, kills=2)
    assert report.found() == []
    assert report.kills == 2
