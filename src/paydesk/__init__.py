"""Paydesk: a self-hosted hosted-checkout server."""

VERSION = "0.1.0"
