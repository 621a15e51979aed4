"""Bytes of a table's text file as UTF-8; the files of other formats of tables are named."""

from __future__ import annotations

from pathlib import Path

from axone.data.text.encoding import DecodedText
from axone.data.text.encoding import decode as decode_text
from axone.errors import DataError
from axone.messages import _

# Other formats by their first bytes -> what to call the file.
SIGNATURES = {b"PK\x03\x04": ".xlsx", b"\xd0\xcf\x11\xe0": ".xls", b"PAR1": ".parquet"}


def decode(path: Path, data: bytes) -> DecodedText:
    """Return the bytes of a text file as `axone.data.text.encoding.decode` does.

    Raises DataError as it does; the error of a file of another format says by which name it is read.
    """
    try:
        return decode_text(path, data)
    except DataError:
        ending = next((ending for signature, ending in SIGNATURES.items() if data.startswith(signature)), None)
        if ending is None:
            raise
        raise DataError(
            _("'{path}' is not text; its content is that of a {ending} file.", path=path, ending=ending),
            hint=_("give it a name that ends in {ending}", ending=ending),
        ) from None
