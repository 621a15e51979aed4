"""Currencies, percent signs and units before or after a number."""

from __future__ import annotations

import re

PERCENT = "%"
# Codes of ISO 4217 and usual abbreviations. Signs such as $ and € are recognized by their Unicode category.
CODES = (
    "AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|DZD|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KES|KRW|KZT|MAD|MXN|"
    "MYR|NGN|NOK|NZD|PEN|PHP|PKR|PLN|QAR|RON|RSD|RUB|SAR|SEK|SGD|THB|TND|TRY|TWD|UAH|USD|VND|XAF|XOF|ZAR"
)
ABBREVIATIONS = r"Fr[.]|Fr|SFr[.]|Rs[.]|Rs|kr[.]|kr|zł|Kč|Ft|lei|лв"
CURRENCY = rf"[A-Z]{{0,2}}\p{{Sc}}|(?i:{CODES})|{ABBREVIATIONS}"
# The same for Python, whose regular expressions know no categories: the signs of the block of currencies and before.
IS_CURRENCY = CURRENCY.replace(r"\p{Sc}", "[$¢£¤¥\u20a0-\u20cf]")
# A word after a number, such as kg, km/h, m2, °C, sq ft.
UNIT = r"[\p{L}°%‰µ″′\"][\p{L}°%‰/ .²³*-]{0,15}[23]?"
SAME = {
    "euros": "€",
    "euro": "€",
    "eur": "€",
    "usd": "$",
    "us$": "$",
    "dollars": "$",
    "gbp": "£",
    "jpy": "¥",
    "st": "th",
    "nd": "th",
    "rd": "th",
}


def is_currency(unit: str) -> bool:
    """Return whether a unit is a currency."""
    return bool(re.fullmatch(IS_CURRENCY, unit))
