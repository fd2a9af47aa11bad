"""Every setting, read once from the environment. No other file looks at `os.environ`.

A setting is one field below: its variable is `PAYDESK_` and the field's name in capitals. A
secret may also come from a file, named by `PAYDESK_…_FILE`. `docs/settings.md` lists them all;
a test compares the two.
"""

import base64
import dataclasses
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from paydesk import limits


class SettingFault(Exception):
    """A setting has a value that can't be used. The text names it and says what fits."""


def _text(value: str) -> str:
    return value


def _whole(value: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise ValueError("a whole number, such as 15")
    return int(value)


def _above_zero(value: str) -> int:
    if _whole(value) == 0:
        raise ValueError("a whole number of at least 1")
    return int(value)


def _switch(value: str) -> bool:
    if value not in {"0", "1"}:
        raise ValueError("0 or 1")
    return value == "1"


def _sum(value: str) -> str:
    if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{2})?", value) is None or not float(value):
        raise ValueError("a sum above zero, such as 2.00")
    return value


def _delays(value: str) -> tuple[int, ...]:
    if not all(part.isascii() and part.isdigit() for part in value.split(",")):
        raise ValueError("seconds with commas between them, such as 60,300,1500")
    return tuple(int(part) for part in value.split(","))


def _few_delays(value: str) -> tuple[int, ...]:
    if len(delays := _delays(value)) > limits.WEBHOOK_RETRIES_MAX:
        raise ValueError(f"{limits.WEBHOOK_RETRIES_MAX} pauses at most, such as 60,300,1500")
    return delays


def _retry_days(value: str) -> tuple[int, ...]:
    days = _delays(value)
    is_rising = all(one < other for one, other in zip((0, *days), days, strict=False))
    if not is_rising or len(days) > limits.CHARGE_RETRIES_MAX:
        raise ValueError("rising numbers of days, such as 1,3,7")
    return days


def _factor(value: str) -> float:
    try:
        factor = float(value)
    except ValueError:
        factor = -1
    if not 0 <= factor <= 1000:
        raise ValueError("a number from 0 to 1000, such as 0.1")
    return factor


def _names(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        raise ValueError("an address such as https://pay.example.com")
    return value.rstrip("/")


def _smtp_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_one = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        is_one = False
    if not is_one:
        raise ValueError("an address such as smtp://name:password@mail.example.com:587")
    return value


def _mail_address(value: str) -> str:
    name, at, host = value.rpartition("@")
    if not at or not re.fullmatch(r"[A-Za-z0-9._+-]+", name) or not re.fullmatch(_HOST, host):
        raise ValueError("an address such as payments@shop.example")
    return value


_HOST = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"


def _key(value: str) -> bytes:
    try:
        key = base64.b64decode(value, validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ValueError("32 random bytes in base64, such as `openssl rand -base64 32` prints")
    return key


def read_key_versions(text: str) -> dict[int, bytes]:
    """Keys by version: one by itself is version 1; several stand on lines or between commas.

    Raises: ValueError, whose text says what fits.

    >>> sorted(read_key_versions("1:" + "A" * 43 + "=,2:" + "B" * 43 + "="))
    [1, 2]
    """
    parts = re.split(r"[\s,]+", text.strip())
    keys = {}
    for part in parts:
        version, colon, key = part.rpartition(":")
        if not colon and len(parts) == 1:
            version = "1"
        fits = version.isascii() and version.isdigit()
        if not fits or not 1 <= int(version) <= limits.MASTER_KEY_VERSION_MAX:
            raise ValueError("a key, or several as 1:KEY,2:KEY with a version before each")
        if int(version) in keys:
            raise ValueError(f"keys of different versions; {version} is there twice")
        keys[int(version)] = _key(key)
    return keys


def key_versions_text(keys: Mapping[int, bytes]) -> str:
    """The text that read_key_versions reads."""
    written = {version: base64.b64encode(key).decode() for version, key in sorted(keys.items())}
    if written.keys() == {1}:
        return written[1]
    return "\n".join(f"{version}:{key}" for version, key in written.items())


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in choices:
            raise ValueError("one of " + ", ".join(choices))
        return value

    return read


def _setting(read: Callable[[str], Any], default: Any, *, secret: bool = False) -> Any:
    # A secret stays out of the repr, and so out of tracebacks and logs.
    metadata = {"read": read, "secret": secret}
    return dataclasses.field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings with their defaults.

    Units: seconds where the name says so.
    """

    # Where things are.
    database_url: str | None = _setting(_text, None, secret=True)
    owner_database_url: str | None = _setting(_text, None, secret=True)
    vault_database_url: str | None = _setting(_text, None, secret=True)
    postgres: str = _setting(_one_of("auto", "system", "wheel"), "auto")
    public_url: str | None = _setting(_url, None)
    vault_url: str | None = _setting(_text, None)
    sandbox_url: str | None = _setting(_url, None)
    sandbox_directory_url: str | None = _setting(_url, None)
    sandbox_bank_url: str | None = _setting(_url, None)
    threeds_url: str | None = _setting(_url, None)
    threeds_port: int = _setting(_whole, 0)
    threeds_ca: str | None = _setting(_text, None)
    threeds_certificate: str | None = _setting(_text, None)
    trusted_proxies: tuple[str, ...] = _setting(_names, ())
    smtp_url: str | None = _setting(_smtp_url, None, secret=True)
    smtp_starttls: str = _setting(_one_of("required", "offered", "never"), "required")
    mail_sender: str = _setting(_mail_address, "payments@paydesk.invalid")
    mail_folder: str | None = _setting(_text, None)

    # Keys: 32 bytes in base64 each. `paydesk serve` makes them in DIR/keys. The vault's may be
    # several, by version.
    page_key: bytes | None = _setting(_key, None, secret=True)
    sealing_key: bytes | None = _setting(_key, None, secret=True)
    vault_key: Mapping[int, bytes] | None = _setting(read_key_versions, None, secret=True)
    sandbox_bank_key: bytes | None = _setting(_key, None, secret=True)

    # How many, how often, how long.
    web_processes: int = _setting(_above_zero, 2)
    api_rate_per_second: int = _setting(_whole, limits.API_RATE_PER_SECOND)
    checkout_life_seconds: int = _setting(_above_zero, 7200)
    abandoned_after_seconds: int = _setting(_above_zero, 900)
    acquirer_timeout_seconds: int = _setting(_above_zero, 15)
    inquiry_seconds: tuple[int, ...] = _setting(_delays, (5, 30, 120, 600, 3600))
    challenge_seconds: int = _setting(_above_zero, 660)
    authentication_kept_days: int = _setting(_above_zero, 540)
    hold_seconds: int = _setting(_above_zero, 7 * 86_400)
    hold_warning_seconds: int = _setting(_whole, 86_400)
    charge_notice_days: int = _setting(_whole, 3)
    verification_amount: str = _setting(_sum, "2.00")
    charge_retry_days: tuple[int, ...] = _setting(_retry_days, (1, 3, 7))
    card_guard: str = _setting(_one_of("all", "live", "off"), "live")
    webhook_retry_seconds: tuple[int, ...] = _setting(_few_delays, (60, 300, 1500))
    webhooks_kept_days: int = _setting(_above_zero, 90)
    mail_retry_seconds: tuple[int, ...] = _setting(_delays, (60, 300, 1500, 7200, 43_200))
    webhook_allow_loopback: bool = _setting(_switch, False)
    sandbox_speed: float = _setting(_factor, 1.0)
    log_level: str = _setting(_one_of("debug", "info", "warning", "error"), "info")


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"PAYDESK_{name.upper()}"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings the environment gives.

    Raises: SettingFault, for a value that does not fit, one that another needs, or an unreadable
        file.
    """
    environment = os.environ if environment is None else environment
    values = {}
    for field in dataclasses.fields(Settings):
        text = _given(environment, variable(field.name), is_secret=field.metadata["secret"])
        if text is None:
            continue
        try:
            values[field.name] = field.metadata["read"](text)
        except ValueError as fault:
            raise SettingFault(f"{variable(field.name)} should be {fault}.") from fault
    if "smtp_url" in values and "mail_sender" not in values:
        raise SettingFault(
            f"{variable('mail_sender')} is not set; a mail server takes only mails from a domain "
            "of yours."
        )
    return Settings(**values)


def secret_file(name: str) -> Path | None:
    """The file that a secret comes from; None where its variable holds it, or nothing does."""
    form = variable(name)
    path = os.environ.get(f"{form}_FILE", "").strip()
    return Path(path) if path and not os.environ.get(form, "").strip() else None


def inherited_environment() -> dict[str, str]:
    """A copy of the whole environment, for starting child programs with."""
    return dict(os.environ)


def _given(environment: Mapping[str, str], name: str, *, is_secret: bool) -> str | None:
    if text := environment.get(name, "").strip():
        return text
    path = environment.get(f"{name}_FILE", "").strip() if is_secret else ""
    if not path:
        return None
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingFault(f"{name}_FILE names a file that can't be read: {path}.") from fault
