"""A secret in a reply that is kept for a repeated request: it is not kept with it."""

from starlette.responses import Response

from paydesk.web.api.endpoint import answered

# What stands for a secret in a stored reply. It is the last member, so that no merchant's text is
# taken for it.
CUT_SECRET = "(cut)"  # noqa: S105


def with_secret(reply: Response, secret: str) -> Response:
    """The reply with the secret put in."""
    before, _, after = bytes(reply.body).rpartition(CUT_SECRET.encode())
    replayed = reply.headers.get("Idempotent-Replayed")
    return answered(
        before + secret.encode() + after,
        headers=None if replayed is None else {"Idempotent-Replayed": replayed},
    )
