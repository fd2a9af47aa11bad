import pytest

from paydesk.cli.environments import environment

SECRETS = {
    "PAYDESK_DATABASE_URL": "app",
    "PAYDESK_VAULT_DATABASE_URL": "vault",
    "PAYDESK_PAGE_KEY_FILE": "page.key",
    "PAYDESK_SEALING_KEY_FILE": "sealing.key",
    "PAYDESK_VAULT_KEY_FILE": "vault.key",
}


def made(program, **inherited):
    return environment(program, inherited, shared={"PAYDESK_VAULT_URL": "unix:v"}, secrets=SECRETS)


@pytest.mark.parametrize(
    ("program", "gets"),
    [
        ("web", {"PAYDESK_DATABASE_URL", "PAYDESK_PAGE_KEY_FILE", "PAYDESK_SEALING_KEY_FILE"}),
        ("worker", {"PAYDESK_DATABASE_URL", "PAYDESK_PAGE_KEY_FILE", "PAYDESK_SEALING_KEY_FILE"}),
        ("post", {"PAYDESK_DATABASE_URL", "PAYDESK_PAGE_KEY_FILE"}),
        ("vault", {"PAYDESK_VAULT_DATABASE_URL", "PAYDESK_VAULT_KEY_FILE"}),
        ("sandbox", set()),
    ],
)
def test_each_program_gets_its_own_secrets_and_nobody_elses(program, gets):
    assert set(made(program)) == gets | {"PAYDESK_VAULT_URL"}


def test_what_is_no_secret_goes_through():
    assert made("sandbox", PATH="/bin", PAYDESK_SANDBOX_SPEED="2")["PAYDESK_SANDBOX_SPEED"] == "2"


def test_the_owners_address_reaches_no_program():
    for program in ("web", "worker", "post", "vault", "sandbox"):
        assert "owner" not in made(program, PAYDESK_OWNER_DATABASE_URL="owner").values()


def test_a_key_the_operator_set_goes_before_the_one_that_serve_made():
    given = made("web", PAYDESK_PAGE_KEY="own")
    assert given["PAYDESK_PAGE_KEY"] == "own"
    assert "PAYDESK_PAGE_KEY_FILE" not in given
    assert "own" not in made("vault", PAYDESK_PAGE_KEY="own").values()


def test_only_the_post_learns_the_mail_server_s_password():
    given = {"PAYDESK_SMTP_URL": "smtp://name:password@mail.example"}
    assert made("post", **given)["PAYDESK_SMTP_URL"] == given["PAYDESK_SMTP_URL"]
    for program in ("web", "worker", "vault", "sandbox"):
        assert "PAYDESK_SMTP_URL" not in made(program, **given)
