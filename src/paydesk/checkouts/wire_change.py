"""JSON → a change of a checkout: what is not named stays, null clears what a checkout can be
without, and the whole is checked as a create.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from paydesk import limits, lookups
from paydesk.checkouts.model import (
    MODES,
    PRE_AUTHORIZATION,
    Changeable,
    ChangeCheckout,
    Customization,
    Redirects,
)
from paydesk.checkouts.wire import (
    CreateBody,
    PaymentBody,
    RedirectsBody,
    Terms,
    check_redirects,
    check_sum,
    check_ways,
    customization_of,
)
from paydesk.checkouts.wire_reply import ShownCheckoutReply
from paydesk.errors import Invalid
from paydesk.kit.fields import Amount, Body, Given, Metadata, Text, check
from paydesk.kit.money import Money
from paydesk.merchants import CustomizationBody
from paydesk.orders import Amounts, Item, Order, OrderBody, new_order


class ChangedPaymentBody(Body):
    metadata: Metadata = None


class ChangeBody(Body):
    amount: Amount = None
    currency_lookups_id: Annotated[Text, lookups.lookup_id("currency")] = None
    currency: Annotated[Text, lookups.lookup_enum("currency")] = None
    order: OrderBody | None = None
    redirects: RedirectsBody | None = None
    payment: ChangedPaymentBody | None = None
    customization: CustomizationBody | None = None
    expires_in_minutes: Annotated[
        int | None,
        Field(ge=limits.EXPIRES_IN_MINUTES_MIN, le=limits.EXPIRES_IN_MINUTES_MAX),
    ] = None


# What a checkout is never without.
_ALWAYS_THERE: Sequence[tuple[str, ...]] = (
    ("amount",),
    ("order",),
    ("order", "reference"),
    ("redirects",),
    *(("redirects", name) for name in RedirectsBody.model_fields),
    ("expires_in_minutes",),
)
# What a create takes or a reply says, and a change does not take.
_NAMES = dict.fromkeys([*CreateBody.model_fields, *ShownCheckoutReply.__annotations__])
_FIXED: Sequence[tuple[str, ...]] = (
    *((name,) for name in _NAMES if name not in ChangeBody.model_fields),
    *(("payment", name) for name in PaymentBody.model_fields if name != "metadata"),
)


def read_change(record: Mapping[str, Any], before: Changeable, terms: Terms) -> ChangeCheckout:
    """The command that the body of `POST /checkout/page/{id}` asks for.

    Raises: Invalid, with every fault of the body at once.
    """
    body, faults = check(ChangeBody, record)
    submitted = Given(record, faults)
    for path in _ALWAYS_THERE:
        if _is_named(submitted, *path):
            submitted.require(*path)
    is_about_money = submitted("amount") is not None or submitted("order") is not None
    if is_about_money:
        _check_order_still_fits(submitted, before)
    given = Given(_with_what_stays(submitted, record, before), submitted.faults)
    _check_fixed(given, before)
    check_redirects(given, terms)
    amount: Money | None = before.checkout.amount
    if is_about_money:
        amount = check_sum(given, before.checkout.amount.currency)
        if amount is not None and amount != before.checkout.amount:
            check_ways(
                given,
                terms,
                before.payment_method_ids,
                amount,
                cards_only=before.checkout.payment_type == PRE_AUTHORIZATION
                or MODES[before.checkout.mode].saves_card,
                path="amount",
            )
    if body is None or amount is None or given.faults:
        raise Invalid(given.faults)
    minutes = body.expires_in_minutes
    return ChangeCheckout(
        amount=amount,
        order=_order_after(body.order, given, amount, before.order) if is_about_money else None,
        redirects=_redirects_after(body.redirects, before.redirects),
        customization=_customization_after(body, before.customization, terms),
        payment_metadata=_payment_metadata_after(body, before),
        life_seconds=None if minutes is None else minutes * 60,
    )


def _check_order_still_fits(submitted: Given, before: Changeable) -> None:
    """Notes where the order has been given other money since: what stays of the two is not clear.

    A new amount makes it clear, in the checkout's currency.
    """
    has, total = before.checkout.amount, before.order.amounts.total
    names_amount = submitted("amount") is not None
    if has.currency != total.currency or (has != total and not names_amount):
        submitted.add(
            "amount", "order_total", "The order has another amount since; give the amount too."
        )


def _is_named(given: Given, *path: str) -> bool:
    parent = given(*path[:-1])
    return isinstance(parent, dict) and path[-1] in parent


def _with_what_stays(
    submitted: Given, record: Mapping[str, Any], before: Changeable
) -> Mapping[str, Any]:
    """The record, its amount and its order filled in with those that the checkout has."""
    filled = dict(record)
    if submitted("amount") is None and not submitted.is_faulty("amount"):
        filled["amount"] = before.checkout.amount.text()
    if submitted("order") is None and not submitted.is_faulty("order"):
        filled["order"] = _order_record(before.order)
    return filled


def _order_record(order: Order) -> Mapping[str, Any] | None:
    """What binds the amount: the order's sums and items. None where its total just follows."""
    amounts = order.amounts
    if not order.items and amounts == Amounts(amounts.total):
        return None
    sums = {
        "amount_subtotal": _text(amounts.subtotal),
        "amount_discount": _text(amounts.discount),
        "amount_shipping": _text(amounts.shipping),
        "amount_tax": _text(amounts.tax),
        "amount_total": amounts.total.text(),
    }
    items = [_item_record(item) for item in order.items]
    return {"description": order.description, **sums, "items": items}


def _item_record(item: Item) -> Mapping[str, Any]:
    return {
        "name": item.name,
        "quantity": item.quantity,
        "unit_amount": item.unit_amount.text(),
        "tax_amount": _text(item.tax),
        "discount_amount": _text(item.discount),
    }


def _check_fixed(given: Given, before: Changeable) -> None:
    paths = [path for path in _FIXED if given(*path) is not None]
    if lookups.chosen(given, "currency") not in {None, before.checkout.amount.currency.code}:
        paths.append((lookups.path_given(given, "currency"),))
    for path in paths:
        if path == ("expires_at",):
            given.add(
                "expires_at",
                "fixed_field",
                "Give expires_in_minutes instead; it counts from now.",
            )
        else:
            given.add(
                ".".join(path),
                "fixed_field",
                "This can't be changed once the checkout is made. Cancel it and make another.",
            )


def _order_after(
    body: OrderBody | None, given: Given, amount: Money, before: Order
) -> Order | None:
    """The order as it is to be; None where it stays as it is."""
    if body is None:
        is_same = amount == before.amounts.total
        return None if is_same else replace(before, amounts=Amounts(amount))
    new = new_order(body, given, amount)
    return replace(
        before,
        reference=body.reference or before.reference,
        description=new.description,
        amounts=new.amounts,
        items=new.items,
        metadata=new.metadata if "metadata" in body.model_fields_set else before.metadata,
    )


def _redirects_after(body: RedirectsBody | None, before: Redirects) -> Redirects:
    body = body or RedirectsBody()
    return Redirects(
        success_url=body.success_url or before.success_url,
        cancel_url=body.cancel_url or before.cancel_url,
        notify_url=body.notify_url or before.notify_url,
    )


def _payment_metadata_after(body: ChangeBody, before: Changeable) -> Mapping[str, Any] | None:
    if "payment" not in body.model_fields_set:
        return before.checkout.payment_metadata
    if body.payment is not None and "metadata" not in body.payment.model_fields_set:
        return before.checkout.payment_metadata
    return None if body.payment is None else body.payment.metadata


def _customization_after(body: ChangeBody, before: Customization, terms: Terms) -> Customization:
    """The page's look with what is named instead; what is cleared is the account's default."""
    if "customization" in body.model_fields_set and body.customization is None:
        return customization_of(None, terms.customization)
    new = body.customization or CustomizationBody()
    cleared = {name for name in new.model_fields_set if getattr(new, name) is None}
    before_it = {
        "locale": before.locale,
        "number_style": before.number_style,
        "theme": before.theme,
        "display_cancel_button": before.display_cancel_button,
        "display_total": before.display_total,
        "display_cart": before.display_cart,
        "type": before.type,
        "brand": {**terms.customization.get("brand", {}), **_brand_kept(new, before)},
    }
    stays = {name: value for name, value in before_it.items() if name not in cleared}
    return customization_of(new, {**terms.customization, **stays})


def _brand_kept(new: CustomizationBody, before: Customization) -> Mapping[str, Any]:
    """What stays of the brand: a field that is cleared is the account's default."""
    named = set() if new.brand is None else new.brand.model_fields_set
    before_it = {
        "primary": before.brand_primary,
        "logo": before.brand_logo,
        "radius": before.brand_radius,
        "font": before.brand_font,
    }
    return {name: value for name, value in before_it.items() if name not in named}


def _text(amount: Money | None) -> str | None:
    return None if amount is None else amount.text()
