"""When a payer goes back to the shop, and what with."""

from dataclasses import replace

from paydesk import checkouts, limits, merchants
from paydesk.app import Desk
from paydesk.checkouts.model import PageCheckout


async def bring_receipt(desk: Desk, page: PageCheckout) -> PageCheckout:
    """The paid page, whose way to the shop brings a signed receipt along."""
    # While one secret replaces another, the older one signs: see docs/webhooks.md.
    sealed, *_ = await merchants.webhook_secrets(desk.db, page.account_id)
    receipt = checkouts.receipt_of(page, merchants.open_webhook_secret(desk.sealer, sealed))
    success_url = checkouts.with_receipt(page.redirects.success_url, receipt)
    return replace(page, redirects=replace(page.redirects, success_url=success_url))


def wait_seconds(page: PageCheckout) -> int:
    """How much longer a paid page waits at most for the merchant to take the webhook."""
    if page.is_acknowledged:
        return 0
    return max(0, limits.REDIRECT_SECONDS + page.redirect_wait_seconds - page.paid_seconds)


def refresh_seconds(page: PageCheckout) -> int:
    """After how long a paid page is left, or looks again, where no script does.

    At first it is there to be read; then it looks each second whether the merchant has heard. To
    somebody who comes back to it later it is there to be read again.
    """
    left = limits.REDIRECT_SECONDS - page.paid_seconds
    if left + page.redirect_wait_seconds < -1:
        return limits.REDIRECT_SECONDS
    return max(1, left)
