"""Which version is chosen, and in what the versions differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.threeds.model import Version
from paydesk.threeds.versions import DIALECTS, choose, headers, method_seconds

OLD, NEW = Version
BOTH = ("2.2.0", "2.3.1")


@pytest.mark.parametrize(
    ("acs", "directory", "chosen"),
    [
        (BOTH, BOTH, NEW),
        (("2.1.0", "2.3.1"), ("2.1.0", "2.3.1"), NEW),
        (("2.2.0", "2.2.0"), BOTH, OLD),
        (BOTH, ("2.2.0", "2.2.0"), OLD),
        (("2.3.1", "2.3.1"), BOTH, NEW),
        (("2.3.1", "2.3.1"), ("2.2.0", "2.2.0"), None),
        (("2.1.0", "2.1.0"), BOTH, None),
        (("2.1.0", "2.3.0"), BOTH, OLD),
        (("2.3.0", "2.3.0"), BOTH, None),
        (("2.2.0", "2.4.0"), ("2.0.0", "3.0.0"), NEW),
        (("2.2.0", "2.3.1.1"), BOTH, NEW),
        (("2.3.1.1", "2.3.1.1"), BOTH, NEW),
        (("2.2", "2.3"), BOTH, OLD),
        (("2", "3"), BOTH, NEW),
        ((" 2.2.0", "2.3.1 "), BOTH, NEW),
        (("2.3.1", "2.2.0"), BOTH, None),
        (("2.2.0", "2.10.0"), BOTH, NEW),
        (("", ""), BOTH, None),
        (("2.2.0", ""), BOTH, None),
        (("2.2.0", "latest"), BOTH, None),
        (("v2.2.0", "2.3.1"), BOTH, None),
        (("2.2.0", "2.3.1.1.1"), BOTH, None),
        (("2.2.0", "9" * 5000), BOTH, None),
        (("２.２.０", "2.3.1"), BOTH, None),
        (("-2.2.0", "2.3.1"), BOTH, None),
        (("2..0", "2.3.1"), BOTH, None),
    ],
)
def test_the_highest_version_that_all_share_is_chosen(acs, directory, chosen):
    assert choose(acs, directory) == chosen
    assert choose(directory, acs) == chosen


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_no_text_makes_choosing_fail(acs, directory):
    assert choose(acs, directory) in {None, *Version}


def test_every_version_has_its_dialect():
    assert DIALECTS.keys() == set(Version)


@pytest.mark.parametrize("version", Version)
def test_a_dialect_s_messages_are_of_its_version(version):
    dialect = DIALECTS[version]
    for model in (dialect.areq, dialect.ares, dialect.rreq, dialect.cres):
        assert model.model_fields["messageVersion"].annotation.__args__ == (version.value,)


def test_the_method_is_waited_for_half_as_long_in_2_3_1():
    assert [method_seconds(version) for version in Version] == [10, 5]


def test_the_trust_list_has_another_name_in_2_3_1():
    for message in ("ares", "rreq"):
        old, new = (getattr(DIALECTS[version], message).model_fields for version in Version)
        assert {"whiteListStatus", "authenticationType"} <= old.keys() - new.keys()
        assert {"trustListStatus", "authenticationMethod"} <= new.keys() - old.keys()


def test_messages_have_ids_of_their_own_in_2_3_1():
    content = {"Content-Type": "application/JSON; charset=UTF-8"}

    assert headers(OLD, request_id="a", response_id="b") == content
    assert headers(NEW, request_id="a") == content | {"X-Request-ID": "a"}
    assert headers(NEW, request_id="a", response_id="b") == content | {
        "X-Request-ID": "a",
        "X-Response-ID": "b",
    }
