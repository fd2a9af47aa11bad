"""`paydesk demo`: a checkout paid end to end before one's eyes, then links to try it oneself."""

from paydesk.cli.demo.run import run_demo

__all__ = ["run_demo"]
