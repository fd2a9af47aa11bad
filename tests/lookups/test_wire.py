"""How lookups look in the API."""

from paydesk import lookups


def test_a_province_is_shown_with_its_country():
    shown = lookups.show(lookups.by_enum("province", "GAUTENG"))

    assert shown == {
        "id": lookups.id_of("province", "GAUTENG"),
        "parent_lookups_id": lookups.id_of("country", "ZA"),
        "title": "Gauteng",
        "enum": "GAUTENG",
        "type": "province",
    }


def test_a_lookup_without_parent_shows_null():
    assert lookups.show(lookups.by_enum("currency", "ZAR"))["parent_lookups_id"] is None


def test_a_bank_alone_shows_a_branch_code():
    assert lookups.show(lookups.by_enum("bank_name", "BANK_ZERO"))["branch_code"] == "888000"
    assert lookups.show(lookups.by_enum("bank_name", "OM_BANK"))["branch_code"] is None
    assert "branch_code" not in lookups.show(lookups.by_enum("country", "ZA"))
