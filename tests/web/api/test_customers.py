"""`/customers`: create, update, archive, list, show."""

from datetime import UTC, datetime, timedelta

import pytest

from paydesk.kit import ids
from world import faults

JOHN = {
    "person_name": "John",
    "person_surname": "Doe",
    "client_type": "RESIDENT_INDIVIDUAL",
    "id_type": "SOUTH_AFRICAN_ID",
    "id_number": "9001125009083",
    "email": "johndoe@mail.com",
    "contact_number": "+27831234567",
    "billing_address_line_1": "1 Loop Street",
    "city_or_town": "Cape Town",
    "postal_code": 8001,
    "metadata": {"tier": "gold", "rate": 1.5},
}


def record(**changes):
    return {**JOHN, "reference": ids.new("ref"), **changes}


@pytest.fixture
def call(merchant):
    """Calls `/customers/…` and answers what it said; anything but a success fails."""

    def post(name, *records, **headers):
        answer = merchant.http.post(
            f"/customers/{name}", json={"records": records}, headers=headers
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] is True
        return answer.json()["results"]

    return post


@pytest.fixture
def listed(merchant):
    def get(**query):
        answer = merchant.http.get("/customers/list", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return get


@pytest.fixture
def refused(merchant):
    """Posts records that must be refused, and answers status, code, and each one's broken rules."""

    def post(name, body):
        answer = merchant.http.post(f"/customers/{name}", json=body)
        told = answer.json()
        assert told["status"] is False
        rules = [
            {path: error["rule"] for path, error in detail["errors"].items()}
            for detail in told["error_details"]
        ]
        return answer.status_code, told["error_code"], rules

    return post


def found(merchant, customer_id):
    return merchant.http.get(f"/customers/{customer_id}")


def test_a_customer_is_made_and_shown(merchant, call):
    given = record()
    (made,) = call("create", given)
    assert made.items() >= {**given, "postal_code": "8001"}.items()
    assert made["id"].startswith("cus_")
    assert made["customer_status"] == "ACTIVE"
    assert made["customer_status_lookups_id"] == merchant.lookup("customer_status", "ACTIVE")
    assert made["client_type_lookups_id"] == merchant.lookup("client_type", "RESIDENT_INDIVIDUAL")
    assert made["billing_address"]["line1"] == "1 Loop Street"
    assert made["deleted_at"] is None
    made_at = datetime.fromisoformat(made["created_at"] + "+02:00")
    assert abs(datetime.now(UTC) - made_at) < timedelta(minutes=5)
    assert found(merchant, made["id"]).json() == {"status": True, "result": made}


def test_a_single_object_is_as_good_as_a_batch_of_one(merchant):
    answer = merchant.http.post("/1.0/customers/create", json=record())
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["results"]) == 1


def test_a_batch_is_made_whole_in_its_order(call):
    given = [record(), record(), record()]
    made = call("create", *given)
    assert [one["reference"] for one in made] == [one["reference"] for one in given]


def test_a_batch_with_a_bad_record_makes_nothing(refused, listed):
    good, bad, worse = record(), record(email="nobody"), record(reference=None, postal_code=1.5)
    status, code, rules = refused("create", {"records": [good, bad, worse]})
    assert (status, code) == (400, "003")
    assert rules == [{"email": "email"}, {"reference": "required", "postal_code": "string"}]
    assert listed(customer_reference=good["reference"])["results"] == []


def test_a_reference_is_taken_once(refused, call, listed):
    (made,) = call("create", record())
    fresh = record()
    again = record(reference=made["reference"])
    told = refused("create", {"records": [fresh, again]})
    assert told == (409, "902", [{"reference": "customer_reference_taken"}])
    assert listed(customer_reference=fresh["reference"])["results"] == []
    twice = record()
    assert refused("create", {"records": [twice, twice]})[1] == "902"


def test_the_same_key_makes_a_customer_once(merchant):
    body, headers = record(), {"Idempotency-Key": ids.new("key")}
    first, second = (
        merchant.http.post("/customers/create", json=body, headers=headers) for _ in range(2)
    )
    assert first.status_code == 200
    assert first.content == second.content
    assert second.headers["Idempotent-Replayed"] == "true"


def test_an_update_changes_what_it_names(merchant, call):
    (made,) = call("create", record(shipping={"contact_name": "Jane"}))
    (changed,) = call(
        "update",
        {
            "id": made["id"],
            "email": "john@mail.com",
            "contact_number": None,
            "billing_address": {"postal_or_zip_code": "8002", "country": "ZA"},
            "shipping": None,
            "metadata": {"tier": "blue"},
        },
    )
    expected = {
        **made,
        "email": "john@mail.com",
        "contact_number": None,
        "postal_code": "8002",
        "billing_country": "ZA",
        "shipping_contact_name": None,
        "shipping": None,
        "metadata": {"tier": "blue"},
    }
    same = expected.keys() - {"updated_at", "billing_address", "billing_country_lookups_id"}
    assert {name: changed[name] for name in same} == {name: expected[name] for name in same}
    assert found(merchant, made["id"]).json()["result"] == changed


def test_the_later_edition_s_flat_names_are_taken(merchant, call, refused):
    flat = {"city_or_town": None, "postal_code": None}
    later = {"billing_city_or_town": "Durban", "billing_postal_code": 4001}
    (made,) = call("create", record(**flat, **later))
    assert (made["city_or_town"], made["postal_code"]) == ("Durban", "4001")
    (kept,) = call("update", {"id": made["id"], "email": "new@mail.com"})
    assert (kept["city_or_town"], kept["postal_code"]) == ("Durban", "4001")
    (moved,) = call("update", {"id": made["id"], "billing_city_or_town": "Paarl"})
    assert (moved["city_or_town"], moved["billing_address"]["city_or_town"]) == ("Paarl", "Paarl")
    (moved,) = call("update", {"id": made["id"], "city_or_town": "Cape Town"})
    assert moved["city_or_town"] == "Cape Town"
    differing = record(billing_postal_code="4001", billing_address={"city_or_town": "Paarl"})
    assert refused("create", differing)[2] == [
        {
            "city_or_town": "same_value",
            "billing_postal_code": "same_value",
            "billing_address.country_lookups_id": "required",
        }
    ]


def test_a_status_is_taken_as_it_is_and_not_set(merchant, call, refused):
    (made,) = call("create", record(customer_status="ACTIVE", billing_country="ZA"))
    call("update", made)
    archived = merchant.lookup("customer_status", "ARCHIVED")
    for name, body, field in (
        ("create", record(customer_status="ARCHIVED"), "customer_status"),
        ("update", {"id": made["id"], "customer_status": "archived"}, "customer_status"),
        (
            "update",
            {"id": made["id"], "customer_status_lookups_id": archived},
            "customer_status_lookups_id",
        ),
    ):
        assert refused(name, body) == (422, "005", [{field: "customer_status"}])
    assert found(merchant, made["id"]).json()["result"]["customer_status"] == "ACTIVE"


def test_an_address_that_is_cleared_is_gone(merchant, call):
    (made,) = call("create", record(shipping_city_or_town="Paarl"))
    call("update", {"id": made["id"], "billing_address": None})
    shown = found(merchant, made["id"]).json()["result"]
    assert (shown["billing_address"], shown["shipping_city_or_town"]) == (None, "Paarl")


def test_updates_are_all_or_nothing(merchant, call, refused):
    first, second = call("create", record(), record())
    for bad, status, code, rules in [
        ({"id": second["id"], "email": None}, 400, "003", {"email": "required"}),
        ({"id": "cus_" + "0" * 26, "email": "a@b.example"}, 404, "007", {"id": "customer_missing"}),
        (
            {"id": second["id"], "reference": first["reference"]},
            409,
            "902",
            {"reference": "customer_reference_taken"},
        ),
        ({"email": "a@b.example"}, 400, "003", {"id": "required"}),
    ]:
        records = [{"id": first["id"], "email": "new@mail.com"}, bad]
        assert refused("update", {"records": records}) == (status, code, [rules])
    assert found(merchant, first["id"]).json()["result"] == first


def test_one_batch_may_change_a_customer_twice(call):
    (made,) = call("create", record())
    first, second = call(
        "update",
        {"id": made["id"], "email": "one@mail.com"},
        {"id": made["id"], "person_name": "Jim"},
    )
    assert (first["email"], first["person_name"]) == ("one@mail.com", "John")
    assert (second["email"], second["person_name"]) == ("one@mail.com", "Jim")


def test_an_archived_customer_is_out_of_the_way(merchant, call, refused, listed):
    (made,) = call("create", record())
    (archived,) = call("archive", {"id": made["id"]})
    assert archived["customer_status"] == "ARCHIVED"
    assert archived["deleted_at"] == archived["updated_at"]
    assert call("archive", {"id": made["id"]}) == [archived]
    assert found(merchant, made["id"]).json()["result"] == archived

    assert listed(customer_id=made["id"])["results"] == []
    assert listed(customer_id=made["id"], customer_status="ARCHIVED")["results"] == [archived]
    named = merchant.lookup("customer_status", "ARCHIVED")
    assert listed(customer_id=made["id"], customer_status_lookups_id=named)["results"] == [archived]

    update = refused("update", {"id": made["id"], "email": "a@b.example"})
    assert update == (409, "902", [{"id": "customer_archived"}])
    taken = refused("create", record(reference=made["reference"]))
    assert taken == (409, "902", [{"reference": "customer_reference_taken"}])
    body = {**merchant.body(), "customer_id": made["id"]}
    del body["customer"]
    answer = merchant.post(body)
    assert (answer.status_code, answer.json()["error_code"]) == (404, "007")
    assert faults(answer) == {"customer_id": "customer_missing"}


def test_archiving_is_all_or_nothing(merchant, call, refused):
    (made,) = call("create", record())
    unknown = {"id": "cus_" + "0" * 26}
    told = refused("archive", {"records": [{"id": made["id"]}, unknown]})
    assert told == (404, "007", [{"id": "customer_missing"}])
    assert found(merchant, made["id"]).json()["result"] == made


def test_a_checkout_brings_an_archived_customer_back(merchant, call):
    (made,) = call("create", record())
    call("archive", {"id": made["id"]})
    checkout = merchant.create(customer=record(reference=made["reference"]))
    assert checkout["customer_id"] == made["id"]
    assert found(merchant, made["id"]).json()["result"]["customer_status"] == "ACTIVE"


def test_a_checkout_leaves_a_customer_s_invoicing(merchant, call):
    (made,) = call("create", record(tax_number="4123456789", is_tax=True))
    merchant.create(customer=record(reference=made["reference"], email="new@mail.com"))
    shown = found(merchant, made["id"]).json()["result"]
    assert (shown["email"], shown["tax_number"]) == ("new@mail.com", "4123456789")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("customer_id", "id"),
        ("customer_reference", "reference"),
        ("customer_email", "email"),
        ("customer_id_number", "id_number"),
        ("customer_contact_number", "contact_number"),
    ],
)
def test_a_list_is_narrowed(call, listed, query, field):
    made, _ = call(
        "create",
        record(
            email=f"{ids.new('ref')}@mail.com",
            id_type="FOREIGN_ID",
            id_number=ids.new("ref")[-13:],
            contact_number="+2783" + str(int.from_bytes(ids.new("ref").encode()[-8:]))[-7:],
        ),
        record(email="other@mail.com", contact_number=None, id_type=None, id_number=None),
    )
    assert listed(**{query: made[field]}) == {
        "status": True,
        "results": [made],
        "next_cursor": None,
    }


def test_an_email_is_found_in_any_capitals(call, listed):
    email = f"{ids.new('ref')}@mail.com"
    (made,) = call("create", record(email=email))
    assert listed(customer_email=email.upper())["results"] == [made]


def test_a_number_is_found_in_any_usual_spelling(call, listed):
    digits = str(int.from_bytes(ids.new("ref").encode()[-8:]))[-7:]
    plain, national = f"+2783{digits}", f"083 {digits[:3]} {digits[3:]}"
    made = [call("create", record(contact_number=text))[0] for text in (plain, national)]
    for asked in (plain, national, national.replace(" ", ""), f"+27 {national[1:]}"):
        assert listed(customer_contact_number=asked)["results"] == made[::-1], asked
    assert [one["contact_number"] for one in made] == [plain, national]
    assert listed(customer_contact_number="nonsense")["results"] == []


def test_a_list_goes_on_where_it_stopped_newest_first(call, listed):
    email = f"{ids.new('ref')}@mail.com"
    made = [call("create", record(email=email))[0] for _ in range(3)]
    first = listed(customer_email=email, limit=2)
    assert first["results"] == [made[2], made[1]]
    second = listed(customer_email=email, limit=2, cursor=first["next_cursor"])
    assert (second["results"], second["next_cursor"]) == ([made[0]], None)


def test_a_list_is_narrowed_by_day(call, listed):
    (made,) = call("create", record())
    day = made["created_at"][:10]
    for query, expected in [
        ({"created_at_start_date": day, "created_at_end_date": day}, [made]),
        ({"created_at_start_date": made["created_at"]}, [made]),
        ({"created_at_end_date": "2020-01-01"}, []),
        ({"created_at_start_date": "2100-01-01"}, []),
    ]:
        assert listed(customer_id=made["id"], **query)["results"] == expected


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ({"customer_status": "GONE"}, "lookup"),
        ({"customer_state": "ACTIVE"}, "unknown_parameter"),
        ({"created_at_start_date": "yesterday"}, "date"),
        ({"limit": "0"}, "minimum"),
    ],
)
def test_a_list_asked_wrongly_is_refused(merchant, query, rule):
    answer = merchant.http.get("/customers/list", params=query)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "006")
    assert list(faults(answer).values()) == [rule]


@pytest.mark.parametrize("query", ["%00%201%00=1", "%00=1", "customer_id%00=%00"])
def test_a_name_with_nul_is_refused_in_sound_json(merchant, query):
    answer = merchant.http.get(f"/customers/list?{query}")
    assert (answer.status_code, answer.json()["error_code"]) == (400, "006")
    assert set(faults(answer).values()) == {"unknown_parameter"}
    assert "\\u0000" not in answer.text


def test_a_hundred_faults_are_told_of_a_query_with_thousands(merchant):
    answer = merchant.http.get("/customers/list?" + "&".join(f"x{n}=" for n in range(3000)))
    assert len(faults(answer)) == 100


def test_two_statuses_that_differ_are_refused(merchant):
    query = {
        "customer_status": "ACTIVE",
        "customer_status_lookups_id": merchant.lookup("customer_status", "ARCHIVED"),
    }
    answer = merchant.http.get("/customers/list", params=query)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "006")
    assert faults(answer) == {"customer_status": "same_value"}


def test_another_account_s_customer_is_as_good_as_missing(server, merchant, call):
    (made,) = call("create", record())
    other = server.merchant("live")
    assert found(other, made["id"]).content == found(other, "cus_" + "0" * 26).content
    assert found(other, made["id"]).status_code == 404
    for name in ("update", "archive"):
        mine, missing = (
            other.http.post(f"/customers/{name}", json={"id": id_, "email": "a@b.example"})
            for id_ in (made["id"], "cus_" + "0" * 26)
        )
        assert mine.status_code == 404
        assert mine.content.replace(made["id"].encode(), b"") == missing.content.replace(
            b"cus_" + b"0" * 26, b""
        )
    assert other.http.get("/customers/list", params={"customer_id": made["id"]}).json() == {
        "status": True,
        "results": [],
        "next_cursor": None,
    }
    # The same reference is free in the other account.
    again = other.http.post("/customers/create", json=record(reference=made["reference"]))
    assert again.status_code == 200
    assert found(merchant, made["id"]).json()["result"] == made


@pytest.mark.parametrize("unknown", ["cus_1", "list1", "ord_" + "0" * 26, "' or 1"])
def test_an_id_that_is_none_is_missing(merchant, unknown):
    answer = found(merchant, unknown)
    assert (answer.status_code, answer.json()["error_code"]) == (404, "007")
    assert faults(answer) == {"id": "customer_missing"}
