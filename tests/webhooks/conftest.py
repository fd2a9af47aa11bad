"""Receivers for tests of deliveries."""

import pytest

from world import Receiver


@pytest.fixture
def listener():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def quiet_listener():
    """One that takes webhooks and never answers."""
    receiver = Receiver()
    receiver.answering.clear()
    yield receiver
    receiver.close()
