"""Structured logs on standard error, one JSON object a line.

What goes in, from our own calls, from libraries and from uncaught exceptions alike, is masked at
the root by kit/masks.py.
"""

import logging
import sys
import threading
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

from paydesk.kit.masks import masked

log = structlog.get_logger()


def configure_logs(level: str, program: str) -> None:
    """Sends this process's logs to standard error from now on."""
    before: list[Any] = [structlog.contextvars.merge_contextvars]
    after: list[Any] = [
        # The text of exceptions and where they happened, never the values of variables.
        structlog.processors.format_exc_info,
        mask,
        # What is ours needs no mask.
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(),
    ]
    structlog.configure(
        processors=[*before, *after],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(program=program)
    _route_libraries([*before, structlog.stdlib.add_logger_name], after)
    sys.excepthook = _tell_uncaught
    threading.excepthook = lambda told: _tell_uncaught(
        told.exc_type, told.exc_value, told.exc_traceback
    )
    sys.unraisablehook = lambda told: _tell_uncaught(
        told.exc_type, told.exc_value, told.exc_traceback
    )


def mask(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The entry with card data and secrets blanked, at any depth."""
    clean: MutableMapping[str, Any] = masked(dict(entry))
    return clean


def _route_libraries(before: list[Any], after: list[Any]) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *after],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)


def _tell_uncaught(
    kind: type[BaseException], fault: BaseException | None, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("uncaught", exc_info=(kind, fault or kind(), trace))
