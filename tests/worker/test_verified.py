"""Who verifies webhooks takes each as it was sent. `make verified` is the long run."""

import pytest

from verified import faults, verify

pytestmark = pytest.mark.anyio


async def test_all_who_verify_take_each_delivery_and_none_with_a_flipped_bit(
    programs, anyio_backend
):
    counts, ids = await verify(programs, 200)
    assert len(ids) == 200
    assert {"standardwebhooks", "python"} <= counts.keys()
    assert faults(counts, 200) == []
