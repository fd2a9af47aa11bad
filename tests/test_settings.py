import base64
import dataclasses
from pathlib import Path

import pytest

from paydesk.settings import (
    SettingFault,
    Settings,
    inherited_environment,
    key_versions_text,
    read_key_versions,
    read_settings,
    secret_file,
    variable,
)

KEY = bytes(range(32))
KEY_TEXT = base64.b64encode(KEY).decode()
SECRETS = [field.name for field in dataclasses.fields(Settings) if field.metadata["secret"]]


def test_a_setting_is_read_from_its_variable() -> None:
    settings = read_settings({"PAYDESK_WEB_PROCESSES": "4", "PAYDESK_LOG_LEVEL": "debug"})
    assert (settings.web_processes, settings.log_level) == (4, "debug")


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({"PAYDESK_WEB_PROCESSES": " ", "WEB_PROCESSES": "9"}) == Settings()


def test_the_environment_of_the_process_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYDESK_WEB_PROCESSES", "7")
    assert read_settings().web_processes == 7
    assert inherited_environment()["PAYDESK_WEB_PROCESSES"] == "7"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("public_url", "https://pay.example.com/", "https://pay.example.com"),
        ("sandbox_url", "http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("vault_url", "unix:/run/vault.sock", "unix:/run/vault.sock"),
        ("trusted_proxies", "10.0.0.1, 10.0.0.2,", ("10.0.0.1", "10.0.0.2")),
        ("page_key", KEY_TEXT, KEY),
        ("page_key", f"  {KEY_TEXT}\n", KEY),
        ("webhook_retry_seconds", "60,300,1500", (60, 300, 1500)),
        ("webhook_retry_seconds", "1", (1,)),
        ("webhook_allow_loopback", "1", True),
        ("webhook_allow_loopback", "0", False),
        ("sandbox_speed", "0.1", 0.1),
        ("api_rate_per_second", "0", 0),
        ("postgres", "wheel", "wheel"),
        ("smtp_starttls", "offered", "offered"),
        ("mail_sender", "payments@shop.example", "payments@shop.example"),
    ],
)
def test_a_fitting_text_is_taken(name: str, text: str, value: object) -> None:
    assert getattr(read_settings({variable(name): text}), name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *[("web_processes", text) for text in ("0", "-1", "two", "1.5", "²", "１", "1_0", "+1")],
        *[("public_url", text) for text in ("pay.example.com", "ftp://x", "https://", "/x")],
        ("public_url", "https://pay.example.com/?a=1"),
        ("public_url", "https://[::1"),
        *[("page_key", text) for text in ("abc", "ü", KEY_TEXT[:-4], KEY_TEXT + "AAAA", "!" * 44)],
        *[
            ("webhook_retry_seconds", text)
            for text in ("60,", ",60", "60;300", "1m", "-1", "60,,1")
        ],
        *[("webhook_allow_loopback", text) for text in ("yes", "true", "on", "2", "01")],
        *[("sandbox_speed", text) for text in ("-1", "1001", "nan", "inf", "fast")],
        *[("log_level", text) for text in ("INFO", "loud")],
        ("postgres", "docker"),
        ("smtp_url", "http://mail.example"),
        ("smtp_url", "smtp://mail.example:port"),
        ("smtp_url", "mail.example"),
        ("mail_sender", "payments"),
        ("mail_sender", "a@b.example\nBcc: c@d.example"),
        ("smtp_starttls", "maybe"),
    ],
)
def test_another_text_is_refused_by_the_variables_name(name: str, text: str) -> None:
    with pytest.raises(SettingFault, match=rf"^{variable(name)} should be .+\.$"):
        read_settings({variable(name): text})


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_stand_in_a_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    text = "smtp://name:password@mail.example" if name == "smtp_url" else KEY_TEXT
    path.write_text(text + "\n")
    given = {f"{variable(name)}_FILE": str(path), "PAYDESK_MAIL_SENDER": "payments@shop.example"}
    assert getattr(read_settings(given), name) in (KEY, text, {1: KEY})


def test_a_mail_server_needs_a_sender() -> None:
    with pytest.raises(SettingFault, match=r"PAYDESK_MAIL_SENDER is not set"):
        read_settings({"PAYDESK_SMTP_URL": "smtp://mail.example"})


OTHER = bytes(reversed(KEY))
OTHER_TEXT = base64.b64encode(OTHER).decode()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (KEY_TEXT, {1: KEY}),
        (f" {KEY_TEXT}\n", {1: KEY}),
        (f"2:{KEY_TEXT}", {2: KEY}),
        (f"1:{KEY_TEXT},2:{OTHER_TEXT}", {1: KEY, 2: OTHER}),
        (f"2:{OTHER_TEXT}\n1:{KEY_TEXT}\n", {1: KEY, 2: OTHER}),
        (f"1:{KEY_TEXT}, 32767:{OTHER_TEXT}", {1: KEY, 32767: OTHER}),
    ],
)
def test_the_vault_s_keys_are_one_or_several_by_version(text: str, keys: dict[int, bytes]) -> None:
    assert read_settings({"PAYDESK_VAULT_KEY": text}).vault_key == keys
    assert read_key_versions(key_versions_text(keys)) == keys


@pytest.mark.parametrize(
    "text",
    [
        "1:short",
        f"{KEY_TEXT},{OTHER_TEXT}",
        f"1:{KEY_TEXT},{OTHER_TEXT}",
        f"1:{KEY_TEXT},1:{OTHER_TEXT}",
        f"0:{KEY_TEXT}",
        f"-1:{KEY_TEXT}",
        f"32768:{KEY_TEXT}",
        f"²:{KEY_TEXT}",
        f":{KEY_TEXT}",
    ],
)
def test_keys_that_are_not_by_version_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(SettingFault, match="PAYDESK_VAULT_KEY should be") as refused:
        read_settings({"PAYDESK_VAULT_KEY": text})
    assert KEY_TEXT not in str(refused.value)


def test_the_file_of_a_secret_is_told_where_it_comes_from_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert secret_file("vault_key") is None
    monkeypatch.setenv("PAYDESK_VAULT_KEY_FILE", "/keys/vault.key")
    assert secret_file("vault_key") == Path("/keys/vault.key")
    monkeypatch.setenv("PAYDESK_VAULT_KEY", KEY_TEXT)
    assert secret_file("vault_key") is None


def test_the_variable_itself_goes_before_its_file(tmp_path: Path) -> None:
    environment = {
        "PAYDESK_DATABASE_URL": "postgresql://near",
        "PAYDESK_DATABASE_URL_FILE": str(tmp_path / "missing"),
    }
    assert read_settings(environment).database_url == "postgresql://near"


def test_only_secrets_are_read_from_files(tmp_path: Path) -> None:
    path = tmp_path / "level"
    path.write_text("debug")
    assert read_settings({"PAYDESK_LOG_LEVEL_FILE": str(path)}).log_level == "info"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "missing", tmp_path, tmp_path / "binary"):
        with pytest.raises(SettingFault, match=f"PAYDESK_PAGE_KEY_FILE.*{path}"):
            read_settings({"PAYDESK_PAGE_KEY_FILE": str(path)})


def test_secrets_are_not_shown_with_the_settings() -> None:
    shown = repr(Settings(database_url="postgresql://u:hidden@h/d", page_key=b"hidden"))
    assert "hidden" not in shown
    assert "log_level='info'" in shown


def test_a_refused_secret_is_not_repeated() -> None:
    with pytest.raises(SettingFault) as refused:
        read_settings({"PAYDESK_PAGE_KEY": "hidden"})
    assert "hidden" not in str(refused.value)
