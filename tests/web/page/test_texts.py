import inspect
import re

import pytest

from paydesk.cards import entry
from paydesk.connectors.contract import DeclineReason
from paydesk.web.page.texts import ADVICE, FAULT_UNNAMED, FAULTS, advice_on, fault_text


def test_a_card_fault_has_a_sentence():
    assert fault_text("card_number_missing") == "Enter your card number."


def test_every_rule_of_the_card_check_has_a_sentence():
    source = inspect.getsource(entry)
    rules = set(re.findall(r'"((?:card|expiry|security_code|name)_[a-z_]+)"', source))
    assert len(rules) > 10
    assert rules <= set(FAULTS)


def test_a_rule_without_a_sentence_still_says_what_to_do():
    assert fault_text("rule_of_tomorrow") == FAULT_UNNAMED


@pytest.mark.parametrize("reason", DeclineReason)
def test_every_decline_says_what_to_try_next(reason):
    advice = ADVICE[reason]
    assert advice.title
    assert advice.next_step.endswith(".")


@pytest.mark.parametrize("masked", [DeclineReason.RISK_BLOCKED, DeclineReason.DUPLICATE])
def test_what_helps_a_fraudster_reads_like_any_decline(masked):
    assert advice_on(masked) == advice_on(DeclineReason.DECLINED_GENERIC)


@pytest.mark.parametrize("unknown", [None, "", "reason_of_tomorrow"])
def test_an_unknown_reason_is_an_ordinary_decline(unknown):
    assert advice_on(unknown) == advice_on(DeclineReason.DECLINED_GENERIC)
