"""What a file is that should have been an image: judged by its first bytes, never by its name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import TiffImagePlugin

from axone.messages import _

_BITS_PER_SAMPLE, _SAMPLES_PER_PIXEL, _SAMPLE_FORMAT = 258, 277, 339  # tags of TIFF
_SUPPORTED = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
)
_OTHER_FORMATS = (
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"SIMPLE  =", "FITS"),
    (b"\0\0\x01\0", "ICO"),
    (b"8BPS", "Photoshop"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x0a", "JPEG XL"),
)


def describe_signature(path: Path) -> str:
    """Return the reason why a file is not an image in a supported format."""
    with path.open("rb") as file:
        start = file.read(1024)
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return _("the file is empty")
    if start[4:8] == b"ftyp" and start[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"):
        return _unsupported("AVIF" if start[8:10] == b"av" else "HEIC")
    if b"<svg" in text:
        return _unsupported("SVG")
    for signature, name in _OTHER_FORMATS:
        if start.startswith(signature):
            return _unsupported(name)
    if start.startswith((b"II*\0", b"MM\0*")) and (kind := _describe_tiff(path)):
        return kind
    for signature, name in _SUPPORTED:
        if start.startswith(signature) and b"\0" in start[:64]:
            return _("it begins like {format}, but its header is damaged or cut off", format=name)
    if text.startswith((b"<!doctype html", b"<html", b"<head")):
        return _("it is not an image but a web page (HTML)")
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(start) - 3:  # not just a character that was cut because only the start was read
            return _("it is not an image")
    return _("it is not an image") if b"\0" in start else _("it is not an image but looks like text")


def _describe_tiff(path: Path) -> str:
    """Return which values a TIFF file has that Pillow cannot read; an empty text where it cannot be known."""
    try:
        with path.open("rb") as file:
            tags = TiffImagePlugin.ImageFileDirectory_v2(file.read(8))
            file.seek(tags.next)
            tags.load(file)
        bits, kinds = (np.atleast_1d(tags.get(tag, 1)) for tag in (_BITS_PER_SAMPLE, _SAMPLE_FORMAT))
        kind = {1: _("unsigned integers"), 2: _("integers"), 3: _("floats")}[int(kinds[0])]
    except Exception:  # damaged
        return ""
    return _(
        "TIFF with {channels} x {bits} bits ({kind}) is not supported: save it as 8-bit color, or as gray with 8 bits, "
        "16 bits or 32-bit floats",
        channels=int(tags.get(_SAMPLES_PER_PIXEL, 1)),
        bits=int(bits[0]),
        kind=kind,
    )


def _unsupported(name: str) -> str:
    return _("its format, {format}, is not supported: convert it to PNG or JPEG", format=name)
