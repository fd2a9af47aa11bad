"""What postal codes look like, country by country. Of a country not named here, any will do.

Source: Universal Postal Union, postal addressing systems in member countries.
"""

import re
from collections.abc import Mapping

_SHAPES: Mapping[str, str] = {
    "ZA": r"\d{4}",
    "LS": r"\d{3}",
    "MZ": r"\d{4}(-?\d{2})?",
    "NA": r"\d{5}",
    "SZ": r"[A-Z]\d{3}",
    "ZM": r"\d{5}",
    "KE": r"\d{5}",
    "NG": r"\d{6}",
    "AT": r"\d{4}",
    "AU": r"\d{4}",
    "BE": r"\d{4}",
    "BR": r"\d{5}-?\d{3}",
    "CA": r"[A-Z]\d[A-Z] ?\d[A-Z]\d",
    "CH": r"\d{4}",
    "CN": r"\d{6}",
    "DE": r"\d{5}",
    "DK": r"\d{4}",
    "ES": r"\d{5}",
    "FI": r"\d{5}",
    "FR": r"\d{5}",
    "GB": r"[A-Z]{1,2}\d[A-Z0-9]? ?\d[A-Z]{2}",
    "IN": r"\d{3} ?\d{3}",
    "IT": r"\d{5}",
    "MX": r"\d{5}",
    "NL": r"\d{4} ?[A-Z]{2}",
    "NO": r"\d{4}",
    "NZ": r"\d{4}",
    "PL": r"\d{2}-\d{3}",
    "PT": r"\d{4}-\d{3}",
    "SE": r"\d{3} ?\d{2}",
    "US": r"\d{5}(-\d{4})?",
}


def is_postal_code(text: str, country: str) -> bool:
    """Whether this can be a postal code of the country (ISO 3166 alpha-2)."""
    shape = _SHAPES.get(country)
    return shape is None or re.fullmatch(shape, text.strip().upper(), re.ASCII) is not None
