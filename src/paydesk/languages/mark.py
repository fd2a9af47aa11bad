"""Marks texts in Python that are translated where they are shown."""


def translatable(text: str) -> str:
    """The text itself; the call marks it for the extraction of catalogues."""
    return text
