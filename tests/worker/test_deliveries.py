"""Workers killed while delivering: no event is lost. `make deliveries` is the long run."""

import pytest

from deliveries import RECEIVERS, deliver
from paydesk import limits

pytestmark = pytest.mark.anyio


async def test_no_event_is_missing_though_the_worker_is_killed(programs, anyio_backend):
    report = await deliver(programs, events=1500, kills=4)
    assert report.faults() == []
    assert report.kills == 4
    # Heard again may be what was just sent at a kill, and what was slow to be answered.
    in_slots = RECEIVERS * limits.WEBHOOK_ENDPOINT_CONCURRENCY
    assert report.twice <= 4 * (limits.WEBHOOKS_YOUNG_MAX + in_slots)
