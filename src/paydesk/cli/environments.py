"""Which environment does each program get? Its own secrets and nobody else's."""

import dataclasses
from collections.abc import Mapping

from paydesk.settings import Settings, variable

_NEEDS = {
    "web": ("database_url", "page_key", "sealing_key", "sandbox_bank_key"),
    "worker": ("database_url", "page_key", "sealing_key", "sandbox_bank_key"),
    "post": ("database_url", "page_key", "smtp_url"),
    "threeds": ("database_url", "page_key", "sealing_key"),
    "vault": ("vault_database_url", "vault_key"),
    "sandbox": ("sandbox_bank_key",),
}
_SECRETS = tuple(
    field.name for field in dataclasses.fields(Settings) if field.metadata.get("secret")
)


def environment(
    program: str,
    inherited: Mapping[str, str],
    *,
    shared: Mapping[str, str],
    secrets: Mapping[str, str],
) -> dict[str, str]:
    """What the program is started with. What the operator set goes before what serve made.

    Shape: shared and secrets are variables with values; a secret's may end in _FILE.
    """
    hidden = {form for name in _SECRETS for form in _forms(name)}
    made = {name: value for name, value in inherited.items() if name not in hidden}
    made.update(shared)
    for name in _NEEDS[program]:
        given = inherited if any(inherited.get(form) for form in _forms(name)) else secrets
        made.update({form: given[form] for form in _forms(name) if form in given})
    return made


def _forms(name: str) -> tuple[str, str]:
    return variable(name), f"{variable(name)}_FILE"
