"""`paydesk mail` at a terminal, and the mails of a whole Paydesk."""

from email import message_from_bytes, policy

from world import Payer, eventually


def mails_about(server, checkout):
    listed = server.command("mail", "list").stdout.splitlines()
    return [line for line in listed if checkout["id"] in line]


def test_a_paid_checkout_s_mail_lies_in_the_folder_and_is_listed(server, merchant):
    checkout = merchant.create()
    Payer(checkout).open().pay()
    (line,) = eventually(
        lambda: [one for one in mails_about(server, checkout) if "  sent  " in one]
    )
    assert "confirmation of" in line
    assert line.endswith("to accounts@example.com")
    id_ = line.split()[0]
    email = message_from_bytes(
        (server.data / "mail" / f"{id_}.eml").read_bytes(), policy=policy.default
    )
    assert email["To"] == "accounts@example.com"
    assert "R1\xa0200.00" in email.get_body(("plain",)).get_content()

    (server.data / "mail" / f"{id_}.eml").unlink()
    assert "on its way again" in server.command("mail", "resend", id_).stdout
    assert eventually((server.data / "mail" / f"{id_}.eml").exists)


def test_what_can_t_be_sent_again_or_listed_is_said(server):
    missing = server.command("mail", "resend", "mai_missing", is_refused=True)
    assert "There is no mail mai_missing" in missing.stderr
    wrong = server.command("mail", "list", "--state", "lost", is_refused=True)
    assert "A mail is due, sent or dead." in wrong.stderr


def test_each_mail_can_be_looked_at_before_anybody_gets_one(tmp_path):
    from typer.testing import CliRunner

    from paydesk.cli.mail import commands

    ran = CliRunner().invoke(commands, ["preview", "--locale", "zu", "--out", str(tmp_path)])
    assert ran.exit_code == 0, ran.output
    written = sorted(path.name for path in tmp_path.iterdir())
    assert {"confirmation.html", "confirmation.txt"} <= set(written)
    assert 'lang="zu-ZA"' in (tmp_path / "confirmation.html").read_text()
