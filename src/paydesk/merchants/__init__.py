"""Merchants: their accounts (test and live), what these say of them, and API keys."""

from paydesk.merchants.change import VatNumberMissing, change_merchant
from paydesk.merchants.choose import (
    MerchantMissing,
    SeveralMerchants,
    merchant_accounts,
)
from paydesk.merchants.create import Credentials, create_merchant, issue_keys
from paydesk.merchants.customization import (
    BrandLogo,
    CustomizationBody,
    Font,
    Locale,
    PageType,
    Radius,
    Theme,
)
from paydesk.merchants.issue import (
    IssuedKey,
    KeyMissing,
    create_key,
    list_keys,
    revoke_key,
    rotate_key,
)
from paydesk.merchants.key_ring import KeyRing
from paydesk.merchants.keys import KeyInvalid, is_valid_key
from paydesk.merchants.model import (
    Access,
    Account,
    CardGuard,
    GuardLevel,
    Key,
    KeyKind,
    Logo,
    MerchantAccount,
    MerchantRecord,
    Policies,
    Section,
)
from paydesk.merchants.secret import (
    OverlapUnderWay,
    open_webhook_secret,
    rotate_webhook_secret,
)
from paydesk.merchants.show import show_logo, show_merchant
from paydesk.merchants.store import webhook_secret_of_key, webhook_secrets
from paydesk.merchants.wire import ChangeMerchant, MerchantBody, MerchantReply, read_change, show

__all__ = [
    "Access",
    "Account",
    "BrandLogo",
    "CardGuard",
    "ChangeMerchant",
    "Credentials",
    "CustomizationBody",
    "Font",
    "GuardLevel",
    "IssuedKey",
    "Key",
    "KeyInvalid",
    "KeyKind",
    "KeyMissing",
    "KeyRing",
    "Locale",
    "Logo",
    "MerchantAccount",
    "MerchantBody",
    "MerchantMissing",
    "MerchantRecord",
    "MerchantReply",
    "OverlapUnderWay",
    "PageType",
    "Policies",
    "Radius",
    "Section",
    "SeveralMerchants",
    "Theme",
    "VatNumberMissing",
    "change_merchant",
    "create_key",
    "create_merchant",
    "is_valid_key",
    "issue_keys",
    "list_keys",
    "merchant_accounts",
    "open_webhook_secret",
    "read_change",
    "revoke_key",
    "rotate_key",
    "rotate_webhook_secret",
    "show",
    "show_logo",
    "show_merchant",
    "webhook_secret_of_key",
    "webhook_secrets",
]
