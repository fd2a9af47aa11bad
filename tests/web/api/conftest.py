"""One merchant for all API tests: thousands of requests over one kept connection."""

import pytest


@pytest.fixture(scope="session")
def merchant(server):
    return server.merchant()


@pytest.fixture(scope="session")
def live(server):
    return server.merchant("live")


@pytest.fixture(scope="session")
def full(merchant):
    """The reference's documented body; copy it with `changed`, never change it."""
    return merchant.body()


@pytest.fixture
def must_refuse(merchant):
    """Posts a body that must be refused with this code, and answers what its paths broke."""

    def post(body, status, code):
        answer = merchant.post(body)
        assert answer.status_code == status, answer.text
        told = answer.json()
        assert (told["status"], told["error_code"]) == (False, code)
        assert told["error_details"][0]["record"] == body
        return {path: error["rule"] for path, error in told["error_details"][0]["errors"].items()}

    return post
