"""The reference's documented body of `POST /checkout/page`, in full, and its order.

Source: the reference, Request Body. The order's and the customer's reference vary, as they do
between real customers: one customer over and over would be one row that all requests wait for.
"""

from typing import Any

from paydesk import lookups


def numbered_body() -> dict[str, Any]:
    """The body, with `{number}` where load.lua puts another number every time."""
    return body(
        "https://merchant.example/webhooks/payments", order="ORD{number}", customer="CLN{number}"
    )


def order_body(reference: str) -> dict[str, Any]:
    """A record of `POST /orders/create`: the same order, made alone."""
    order: dict[str, Any] = body("", order=reference, customer="")["order"]
    return {**order, "currency_lookups_id": lookups.id_of("currency", "ZAR")}


def body(notify_url: str, *, order: str, customer: str, notifies: bool = True) -> dict[str, Any]:
    """The body, for this order's and this customer's reference.

    notifies: as in the reference, its payment leads to a mail and an invoice.
    """
    zar, za = lookups.id_of("currency", "ZAR"), lookups.id_of("country", "ZA")
    metadata = {"custom_field_1": "custom data 1", "custom_field_2": "custom data 2"}
    address = {
        "line1": "1 Loop Street",
        "line2": "Floor 5",
        "city_or_town": "Cape Town",
        "province_or_state": "Western Cape",
        "postal_or_zip_code": "8001",
        "country_lookups_id": za,
    }
    return {
        "mode": "one-off",
        "amount": "1200.00",
        "currency_lookups_id": zar,
        "order": {
            "reference": order,
            "description": "Monthly plan + setup",
            "amount_subtotal": "1100.00",
            "amount_discount": "0.00",
            "amount_shipping": "0.00",
            "amount_tax": "100.00",
            "amount_total": "1200.00",
            "items": [
                {
                    "sku": "SKU00567",
                    "name": "Pro Plan (Monthly)",
                    "quantity": 1,
                    "unit_amount": "1200.00",
                    "tax_amount": 0,
                    "discount_amount": 0,
                    "currency_lookups_id": zar,
                    "metadata": metadata,
                }
            ],
        },
        "customer_fields": "reference,id_number,email,contact_number,billing,shipping",
        "customer": {
            "reference": customer,
            "company_name": None,
            "person_name": "John",
            "person_surname": "Doe",
            "client_type_lookups_id": lookups.id_of("client_type", "RESIDENT_INDIVIDUAL"),
            "id_type_lookups_id": lookups.id_of("id_type", "SOUTH_AFRICAN_ID"),
            "id_number": "9001125009083",
            "email": "johndoe@mail.com",
            "contact_number": "+27831234567",
            "billing_address": address,
            "shipping": {
                "contact_name": "Jane Doe",
                "contact_number": "+27820000000",
                "address": address,
            },
            "metadata": metadata,
        },
        "redirects": {
            "success_url": "https://merchant.example/success?order=ord_12345",
            "cancel_url": "https://merchant.example/cancel?order=ord_12345",
            "notify_url": notify_url,
        },
        "payment": {
            "payment_type_lookups_id": lookups.id_of("payment_type", "DIRECT_DEBIT"),
        },
        "cards": {"save_cards": True, "show_cards": True},
        "notifications": {
            "send_invoice": notifies,
            "send_confirmation_email": notifies,
            "confirmation_email_override": "accounts@example.com",
        },
        "customization": {
            "locale": "en-ZA",
            "theme": "light",
            "type": "page",
            "display_cancel_button": True,
            "display_total": True,
            "display_cart": True,
            "brand": {"primary": "#00DC82"},
        },
    }
