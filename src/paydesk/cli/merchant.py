"""`paydesk merchant`: makes merchants, and shows and changes what their accounts say of them."""

import base64
import json
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer

from paydesk import merchants
from paydesk.cli.data_database import base_url, open_sealer, work_on_database
from paydesk.cli.faults import CommandFault
from paydesk.merchants import MerchantAccount, MerchantRecord
from paydesk.merchants.logo import media_type

commands = typer.Typer(
    name="merchant",
    help="Make, show and change merchants.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

Data = Annotated[Path, typer.Option("--data", help="The folder that keeps everything.")]
OfMerchant = Annotated[
    str | None,
    typer.Option("--merchant", help="The merchant's id or exact name, where there are several."),
]
Mode = Annotated[
    bool | None, typer.Option("--live/--test", help="One of the two accounts.  [default: both]")
]
_DATA = Path("var/data")


@commands.command()
def create(name: str, data: Data = _DATA) -> None:
    """Make a merchant with a test and a live account; prints their keys, once."""
    from paydesk.cli.first_start import make_merchant

    sealer = open_sealer(data)
    change = merchants.read_change({"name": name}, is_live=True)

    async def work(connection: asyncpg.Connection) -> tuple[str, dict[str, Any]]:
        return await make_merchant(connection, sealer, name=change.fields["name"] or "My shop")

    merchant_id, credentials = work_on_database(data, work)
    _print({"merchant": merchant_id, "base_url": base_url(data), **credentials})


@commands.command()
def show(*, data: Data = _DATA, merchant: OfMerchant = None, live: Mode = None) -> None:
    """Show what the accounts say of their merchant."""

    async def work(connection: asyncpg.Connection) -> dict[str, MerchantRecord]:
        accounts = await _accounts(connection, merchant, is_live=live)
        return {
            _mode(account): await merchants.show_merchant(connection, account.id)
            for account in accounts
        }

    _print_records(work_on_database(data, work), data)


@commands.command("set")
def set_(
    *,
    data: Data = _DATA,
    merchant: OfMerchant = None,
    live: Mode = None,
    name: Annotated[str | None, typer.Option(help="The name payers see.")] = None,
    logo: Annotated[
        str | None, typer.Option(help='A PNG, JPEG or WebP file; "" removes the logo.')
    ] = None,
    email: Annotated[str | None, typer.Option(help="Where payers write to.")] = None,
    contact_number: Annotated[str | None, typer.Option(help="Where payers call.")] = None,
    legal_name: Annotated[str | None, typer.Option(help="The registered name.")] = None,
    registration_number: Annotated[str | None, typer.Option(help="The company's number.")] = None,
    vat_vendor: Annotated[
        bool | None, typer.Option("--vat-vendor/--no-vat-vendor", help="Registered for VAT.")
    ] = None,
    vat_number: Annotated[str | None, typer.Option(help="10 digits that begin with 4.")] = None,
    address_line1: Annotated[
        str | None, typer.Option(help="The address on invoices; these go together.")
    ] = None,
    address_line2: Annotated[str | None, typer.Option(help="Building, floor or suburb.")] = None,
    city: Annotated[str | None, typer.Option(help="The city or town.")] = None,
    province: Annotated[str | None, typer.Option(help="The province or state.")] = None,
    postal_code: Annotated[str | None, typer.Option(help="The postal or zip code.")] = None,
    country: Annotated[str | None, typer.Option(help="Two letters, such as ZA.")] = None,
    theme: Annotated[str | None, typer.Option(help="light, dark or auto, by default.")] = None,
    locale: Annotated[str | None, typer.Option(help="Such as en-ZA, by default.")] = None,
    number_style: Annotated[
        str | None,
        typer.Option(help='"1 200.00", "1 200,00", "1,200.00" or locale, by default.'),
    ] = None,
    page_type: Annotated[
        str | None, typer.Option("--type", help="page or embed, by default.")
    ] = None,
    display_cancel_button: Annotated[
        bool | None,
        typer.Option(
            "--display-cancel-button/--no-display-cancel-button",
            help="Show the way back to the shop, by default.",
        ),
    ] = None,
    display_total: Annotated[
        bool | None,
        typer.Option("--display-total/--no-display-total", help="Show the total, by default."),
    ] = None,
    display_cart: Annotated[
        bool | None,
        typer.Option("--display-cart/--no-display-cart", help="Show what is bought, by default."),
    ] = None,
    brand: Annotated[str | None, typer.Option(help="A colour such as #00dc82, by default.")] = None,
    brand_logo: Annotated[
        str | None, typer.Option(help="account, or none for the name alone, by default.")
    ] = None,
    radius: Annotated[
        str | None, typer.Option(help="Of corners: none, small, medium or large, by default.")
    ] = None,
    font: Annotated[
        str | None, typer.Option(help="system, serif, mono or rounded, by default.")
    ] = None,
    unique_order_references: Annotated[
        bool | None,
        typer.Option(
            "--unique-order-references/--no-unique-order-references",
            help="Refuse an order reference that is paid already.",
        ),
    ] = None,
    signed_forms_only: Annotated[
        bool | None,
        typer.Option(
            "--signed-forms-only/--no-signed-forms-only", help="Refuse forms without a signature."
        ),
    ] = None,
    charge_if_unavailable: Annotated[
        bool | None,
        typer.Option(
            "--charge-if-unavailable/--no-charge-if-unavailable",
            help="Charge at your own risk where 3-D Secure is not available.",
        ),
    ] = None,
    charge_if_not_enrolled: Annotated[
        bool | None,
        typer.Option(
            "--charge-if-not-enrolled/--no-charge-if-not-enrolled",
            help="Charge at your own risk cards that take no part in 3-D Secure.",
        ),
    ] = None,
    return_surplus: Annotated[
        bool | None,
        typer.Option(
            "--return-surplus/--keep-surplus",
            help="Send back by itself what came by bank transfer and pays for nothing.",
        ),
    ] = None,
    mail_payments: Annotated[
        bool | None,
        typer.Option(
            "--mail-payments/--no-mail-payments", help="Write to --email of each payment."
        ),
    ] = None,
    signed_receipts: Annotated[
        bool | None,
        typer.Option(
            "--signed-receipts/--no-signed-receipts",
            help="Have payers bring a signed receipt to success_url.",
        ),
    ] = None,
    redirect_wait: Annotated[
        int | None, typer.Option(help="Seconds that paid payers wait for your webhook's answer.")
    ] = None,
) -> None:
    """Change what the accounts say of their merchant; an empty text clears a field."""
    body = {
        "name": name,
        "logo": None if logo is None else _logo(logo),
        "email": email,
        "contact_number": contact_number,
        "legal_name": legal_name,
        "registration_number": registration_number,
        "is_vat_vendor": vat_vendor,
        "vat_number": vat_number,
        "address": _given(
            {
                "line1": address_line1,
                "line2": address_line2,
                "city_or_town": city,
                "province_or_state": province,
                "postal_or_zip_code": postal_code,
                "country": country,
            }
        ),
        "customization": _given(
            {
                "theme": theme,
                "locale": locale,
                "number_style": number_style,
                "type": page_type,
                "display_cancel_button": display_cancel_button,
                "display_total": display_total,
                "display_cart": display_cart,
                "brand": _given(
                    {"primary": brand, "logo": brand_logo, "radius": radius, "font": font}
                ),
            }
        ),
        "policies": _given(
            {
                "unique_order_references": unique_order_references,
                "signed_forms_only": signed_forms_only,
                "charge_if_unavailable": charge_if_unavailable,
                "charge_if_not_enrolled": charge_if_not_enrolled,
                "return_surplus": return_surplus,
                "mail_payments": mail_payments,
                "signed_receipts": signed_receipts,
            }
        ),
        "redirect_wait_seconds": redirect_wait,
    }
    _print_records(_change(data, merchant, live=live, body=_given(body) or {}), data)


@commands.command("allow-origin")
def allow_origin(
    url: str,
    *,
    data: Data = _DATA,
    merchant: OfMerchant = None,
    live: Mode = None,
    remove: Annotated[bool, typer.Option("--remove", help="Allow it no more.")] = False,
) -> None:
    """Allow the shop at this address to send unsigned forms."""
    records = _change_origins(data, merchant, "allowed_origins", url, live=live, remove=remove)
    if not remove and not all(record.policies.signed_forms_only for record in records.values()):
        typer.echo(
            "A payer can change an unsigned form, its amount too, and take the signature out of a "
            "signed one. To end that: paydesk merchant set --signed-forms-only",
            err=True,
        )


@commands.command("embed-origin")
def embed_origin(
    url: str,
    *,
    data: Data = _DATA,
    merchant: OfMerchant = None,
    live: Mode = None,
    remove: Annotated[bool, typer.Option("--remove", help="Let it no more.")] = False,
) -> None:
    """Let the shop at this address, and no other, hold checkouts in frames of its pages."""
    _change_origins(data, merchant, "embed_origins", url, live=live, remove=remove)


def _change_origins(
    data: Path, merchant: str | None, name: str, url: str, *, live: bool | None, remove: bool
) -> dict[str, MerchantRecord]:
    """The records with this origin among those of this name, or without it; prints them."""

    async def work(connection: asyncpg.Connection) -> dict[str, MerchantRecord]:
        changed = {}
        for account in await _accounts(connection, merchant, is_live=live):
            asked = merchants.read_change({name: [url]}, is_live=account.is_live)
            (origin,) = asked.fields[name]
            before = await merchants.show_merchant(connection, account.id)
            others = [known for known in getattr(before, name) if known != origin]
            origins = others if remove else [*others, origin]
            change = merchants.read_change({name: origins}, is_live=account.is_live)
            changed[_mode(account)] = await merchants.change_merchant(
                connection, account.id, change
            )
        return changed

    records = work_on_database(data, work)
    for mode, record in records.items():
        typer.echo(f"{mode}: {', '.join(getattr(record, name)) or 'no origins'}")
    return records


def _change(
    data: Path, merchant: str | None, *, live: bool | None, body: dict[str, Any]
) -> dict[str, MerchantRecord]:
    async def work(connection: asyncpg.Connection) -> dict[str, MerchantRecord]:
        changed = {}
        for account in await _accounts(connection, merchant, is_live=live):
            change = merchants.read_change(body, is_live=account.is_live)
            record = await merchants.change_merchant(connection, account.id, change)
            changed[_mode(account)] = record
        return changed

    return work_on_database(data, work)


async def _accounts(
    connection: asyncpg.Connection, merchant: str | None, *, is_live: bool | None
) -> list[MerchantAccount]:
    accounts = await merchants.merchant_accounts(connection, merchant)
    return [account for account in accounts if is_live in (None, account.is_live)]


def _mode(account: MerchantAccount) -> str:
    return "live" if account.is_live else "test"


def _given(fields: dict[str, Any]) -> dict[str, Any] | None:
    return {name: value for name, value in fields.items() if value is not None} or None


def _logo(path: str) -> str:
    """The file as the API takes it."""
    if not path:
        return ""
    try:
        content = Path(path).read_bytes()
    except OSError as fault:
        raise CommandFault(f"{path} can't be read: {fault.strerror}.") from fault
    kind = media_type(content) or "image/png"
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _print_records(records: dict[str, MerchantRecord], data: Path) -> None:
    url = base_url(data)
    _print({mode: merchants.show(record, url) for mode, record in records.items()})


def _print(shown: Any) -> None:
    typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
