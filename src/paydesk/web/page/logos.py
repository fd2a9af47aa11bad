"""A merchant's logo over HTTP: under its hash, so that browsers may keep it for good."""

from starlette.responses import Response

from paydesk.merchants import Logo

_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    # Nothing may run in it, whatever somebody takes it for.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def logo_response(logo: Logo | None) -> Response:
    """The image, or 404 where nobody has it any more."""
    if logo is None:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    return Response(logo.content, headers={**_HEADERS, "Content-Type": logo.media_type})
