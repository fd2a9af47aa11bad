"""An endpoint's signing secret: made once, shown once, sealed for keeping."""

from paydesk.kit import signing
from paydesk.kit.sealing import Sealer


def new_secret(sealer: Sealer, endpoint_id: str) -> bytes:
    """A fresh secret, sealed for this endpoint."""
    return sealer.seal(signing.new_secret().encode(), _context(endpoint_id))


def open_secret(sealer: Sealer, endpoint_id: str, sealed: bytes) -> str:
    """The secret as it is shown, `whsec_…`. Raises: SealBroken."""
    return sealer.open(sealed, _context(endpoint_id)).decode()


def _context(endpoint_id: str) -> bytes:
    return b"webhook_endpoint|" + endpoint_id.encode()
