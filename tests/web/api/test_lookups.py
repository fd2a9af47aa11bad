"""`/lookups` and `/payment-methods`."""

import httpx2
import pytest

from paydesk.web.api.table import OPERATIONS
from world import faults


def method_of(merchant):
    method, *_ = merchant.http.get("/payment-methods").json()["payment_methods"]
    return method["id"]


@pytest.mark.parametrize("group", ["bank_name", "country", "adjustment_type"])
def test_a_group_is_the_same_with_and_without_a_method(merchant, group):
    alone = merchant.http.get(f"/lookups/{group}")
    assert alone.status_code == 200
    assert alone.json()["lookups"]
    assert merchant.http.get(f"/lookups/{group}/{method_of(merchant)}").json() == alone.json()


def test_the_query_asks_as_the_path_does(merchant):
    method = method_of(merchant)
    banks = merchant.http.get("/lookups/bank_name").json()
    for path in (
        "/lookups?type=bank_name",
        f"/lookups?type=bank_name&payment_methods_id={method}",
        f"/lookups/bank_name?payment_method_id={method}",
    ):
        assert merchant.http.get(path).json() == banks, path
    for path, rule in (
        ("/lookups?type=colour", {"type": "lookup_type_unknown"}),
        ("/lookups?kind=bank_name", {"kind": "unknown_parameter"}),
        ("/lookups/bank_name?type=currency", {"type": "unknown_parameter"}),
        (f"/lookups/bank_name/{method}?type=currency", {"type": "unknown_parameter"}),
        ("/payment-methods?limit=1", {"limit": "unknown_parameter"}),
    ):
        answer = merchant.http.get(path)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "006")
        assert faults(answer) == rule
    answer = merchant.http.get("/lookups?payment_methods_id=pam_1")
    assert (answer.status_code, faults(answer)) == (
        404,
        {"payment_methods_id": "payment_method_missing"},
    )


def test_a_bank_has_its_universal_branch_code(merchant):
    banks = {
        bank["enum"]: bank["branch_code"]
        for bank in merchant.http.get("/lookups/bank_name").json()["lookups"]
    }
    assert banks["ABSA_BANK_LIMITED"] == "632005"
    assert banks["STANDARD_BANK_SA_LTD"] == "051001"


def test_a_type_there_is_not_is_refused(merchant):
    for path in ("/lookups/colour", f"/lookups/colour/{method_of(merchant)}", "/lookups/colour/x"):
        answer = merchant.http.get(path)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "006")
        assert faults(answer) == {"type": "lookup_type_unknown"}


def test_another_account_s_method_is_as_good_as_missing(server, merchant):
    theirs = method_of(server.merchant("live"))
    answers = [
        merchant.http.get(f"/lookups/bank_name/{named}")
        for named in (theirs, "pam_" + "0" * 26, "pam_1")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert faults(answers[0]) == {"payment_methods_id": "payment_method_missing"}


@pytest.mark.parametrize("path", ["/lookups/", "/1.0/lookups/", "/lookups/currency/"])
def test_a_slash_at_the_end_changes_nothing(merchant, path):
    answer = merchant.http.get(path)
    assert answer.status_code == 200
    assert answer.content == merchant.http.get(path.removesuffix("/")).content


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_every_call_may_end_in_a_slash(server, operation):
    url = server.base_url + operation.path + "/"
    without_key = httpx2.request(operation.method, url)
    assert (without_key.status_code, without_key.json()["error_code"]) == (401, "001")
    assert httpx2.request("DELETE", url).status_code == 405


@pytest.mark.parametrize("path", ["/", "/lookups//", "/lookups///", "/nothing/", "/docs/"])
def test_more_slashes_and_what_is_not_there_lead_nowhere(merchant, path):
    answer = merchant.http.get(merchant.http.base_url.join(path))
    assert (answer.status_code, answer.json()["error_code"]) == (404, "007")
