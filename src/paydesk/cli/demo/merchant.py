"""The merchant's backend: it asks for checkouts with the body of the reference."""

from typing import Any

from paydesk_client import Checkout, Paydesk


class Merchant:
    """A backend with the keys of one account. Its other half, the shop, lies at shop_url.

    Raises: PaydeskError, from everything.
    """

    def __init__(self, base_url: str, credentials: dict[str, str], *, shop_url: str) -> None:
        self._paydesk = Paydesk(base_url, credentials["api_key"], credentials["api_secret"])
        self._shop_url = shop_url
        self._lookups: dict[tuple[str, str], str] = {}
        self._orders = 0

    def create_checkout(self, page_type: str = "page") -> Checkout:
        """A fresh checkout of the demo's one product, for a page of its own or for the shop's."""
        body = self._body()
        body["customization"]["type"] = page_type
        return self._paydesk.checkouts.create(**body)

    def show_checkout(self, checkout_id: str) -> Checkout:
        """How the checkout stands."""
        return self._paydesk.checkouts.show(checkout_id)

    def _lookup(self, group: str, enum: str) -> str:
        """The id of a lookup: asked once, since lookups keep their ids."""
        if (group, enum) not in self._lookups:
            listed = self._paydesk.lookups.list(group)
            self._lookups.update({(group, one["enum"]): one["id"] for one in listed})
        return self._lookups[group, enum]

    def _body(self) -> dict[str, Any]:
        """The documented body of `POST /checkout/page`. Source: the reference, Request Body."""
        self._orders += 1
        currency = self._lookup("currency", "ZAR")
        address = {
            "line1": "1 Loop Street",
            "line2": "Floor 5",
            "city_or_town": "Cape Town",
            "province_or_state": "Western Cape",
            "postal_or_zip_code": "8001",
            "country_lookups_id": self._lookup("country", "ZA"),
        }
        return {
            "mode": "one-off",
            "amount": "1200.00",
            "currency_lookups_id": currency,
            "order": {
                "reference": f"ORD{self._orders:04}",
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
                        "currency_lookups_id": currency,
                        "metadata": {"custom_field_1": "custom data 1"},
                    }
                ],
            },
            "customer": {
                "reference": "CLN240919000001",
                "company_name": None,
                "person_name": "John",
                "person_surname": "Doe",
                "client_type_lookups_id": self._lookup("client_type", "RESIDENT_INDIVIDUAL"),
                "id_type_lookups_id": self._lookup("id_type", "SOUTH_AFRICAN_ID"),
                "id_number": "9001125009083",
                "email": "johndoe@mail.com",
                "contact_number": "+27831234567",
                "billing_address": address,
                "shipping": {
                    "contact_name": "Jane Doe",
                    "contact_number": "+27820000000",
                    "address": address,
                },
                "metadata": {"custom_field_1": "custom data 1"},
            },
            "redirects": {
                "success_url": f"{self._shop_url}/thanks",
                "cancel_url": f"{self._shop_url}/cancelled",
                "notify_url": f"{self._shop_url}/webhooks/payments",
            },
            "payment": {
                "payment_type_lookups_id": self._lookup("payment_type", "DIRECT_DEBIT"),
            },
            "cards": {"save_cards": True, "show_cards": True},
            "notifications": {"send_invoice": True, "send_confirmation_email": True},
            "customization": {
                "locale": "en-ZA",
                "theme": "auto",
                "type": "page",
                "display_cancel_button": True,
                "display_total": True,
                "display_cart": True,
                "brand": {"primary": "#00DC82"},
            },
        }
