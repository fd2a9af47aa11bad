"""Answers of acquirers and banks from which nothing may be concluded."""

from paydesk.connectors.contract import Answer

SAYS_NOTHING = [
    Answer(500, b'{"result": "approved", "id": "1"}'),
    Answer(502, b"<html>Bad gateway</html>"),
    Answer(404, b"<html>Not found</html>"),
    Answer(404, b'{"error": "no such route"}'),
    Answer(401, b'{"error": "key"}'),
    Answer(200, b""),
    Answer(200, b"{}"),
    Answer(200, b"[]"),
    Answer(200, b"null"),
    Answer(200, b'"approved"'),
    Answer(200, b"\xff\xfe"),
    Answer(200, b'{"result": null, "id": null}'),
    Answer(200, b'{"result": ["approved"], "id": "1"}'),
    Answer(200, b'{"result": "surprise", "id": "1"}'),
    Answer(200, b"[" * 100_000),
    Answer(302, b""),
]
