"""Who verifies webhooks takes each as it was sent. `make verified` is the long run."""

import pytest

from verified import ask_all, delivered, faults

pytestmark = pytest.mark.anyio


async def test_all_who_verify_take_each_delivery_and_none_with_a_flipped_bit(
    programs, anyio_backend
):
    requests = await delivered(programs, 200)
    assert len({head["webhook-id"] for head, _ in requests}) == 200
    counts = ask_all(requests, programs.issued.webhook_secret)
    assert {"standardwebhooks", "python"} <= counts.keys()
    assert faults(counts, 200) == []
