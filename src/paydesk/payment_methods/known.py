"""Which payment methods has an account? Answered from memory where it was answered before."""

from paydesk.db.connection import Database
from paydesk.payment_methods.model import PaymentMethod
from paydesk.payment_methods.store import list_payment_methods


class KnownMethods:
    """The payment methods of accounts.

    `forget` empties it: call it at every notice on the channel `paydesk_accounts`.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[int, tuple[PaymentMethod, ...]] = {}
        self._forgotten = 0

    def forget(self) -> None:
        self._known.clear()
        self._forgotten += 1

    async def of(self, account_id: int) -> tuple[PaymentMethod, ...]:
        """The account's active methods, as they are listed. Raises: DatabaseAway."""
        return tuple(method for method in await self.ever_of(account_id) if method.is_active)

    async def ever_of(self, account_id: int) -> tuple[PaymentMethod, ...]:
        """All methods that the account has or had. Raises: DatabaseAway."""
        known = self._known.get(account_id)
        if known is not None:
            return known
        forgotten = self._forgotten
        async with self._db.connection() as connection:
            found = await list_payment_methods(connection, account_id, with_removed=True)
        # A change that arrived while we asked must not be overlooked.
        if forgotten == self._forgotten:
            self._known[account_id] = found
        return found
