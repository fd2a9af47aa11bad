"""A short version of `make races`: requests that collide on purpose."""

import pytest

import oracle
import races
from world import Server


@pytest.fixture(scope="module")
def racecourse(open_folder):
    """A Paydesk of its own, because all that is in it is compared in the end."""
    running = Server(open_folder() / "data").start()
    yield running
    assert running.stop() == 0


def test_duplicates_of_a_key_have_one_effect(racecourse):
    assert races.run(racecourse, lambda ask: races.duplicates(ask, keys=40)) == []


def test_modifications_at_once_never_take_more_than_there_is(racecourse):
    paid = races.run(racecourse, lambda ask: races.payments(ask, count=40))
    done = races.run(racecourse, lambda ask: races.modifications(ask, paid))
    assert done["completed"] > 40
    assert done["nothing_left"] + done["amount_above_rest"] > 40
    assert not [verdict for verdict in done if verdict.startswith("HTTP")]
    assert races.over_the_limit(racecourse) == []
    oracle.assert_all_is_well(racecourse, with_webhooks=False)


def test_a_merchant_without_webhooks_reaches_the_same_books_by_polling(racecourse):
    races.run(racecourse, lambda ask: races.payments(ask, count=10))
    oracle.assert_all_is_well(racecourse, with_webhooks=False)
    by_polling = races.run(racecourse, races.books_by_polling)
    assert by_polling == races.books_in_database(racecourse)
    assert all(by_polling)
