"""Free spoken digits: 3,000 recordings of ten digits by six speakers, downloaded once.

The publisher's archive is verified, and its recordings are unpacked next to it, without trusting a path in it.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from axone.data.datasets.download import storage_error
from axone.data.datasets.store import DatasetFile, DatasetSpec, ensure_local
from axone.errors import DataError
from axone.messages import _, mark
from axone.progress import Progress

_TAG = "Jakobovski/free-spoken-digit-dataset"
_NAME = re.compile(r"[0-9]_[a-z]+_[0-9]+\.wav")
_COUNT = 3000
_LARGEST = 1_000_000  # bytes of one recording

SPOKEN_DIGITS_SPEC = DatasetSpec(
    name="spoken-digits",
    summary=mark("3,000 recordings of ten digits by six speakers, 8 kHz"),
    license="CC BY-SA 4.0",
    homepage=f"https://github.com/{_TAG}",
    files=(
        DatasetFile(
            "free-spoken-digit-dataset-1.0.10.zip",
            (
                f"https://codeload.github.com/{_TAG}/zip/refs/tags/v1.0.10",
                f"https://github.com/{_TAG}/archive/refs/tags/v1.0.10.zip",
            ),
            "c680098f5d2355ba7cc4bd8b0ca9e0a24c00ebe3b4c552208889a4d28d4fbc2b",
            16_419_872,
        ),
    ),
    classes=tuple("0123456789"),
)


def ensure_spoken_digits(progress: Progress) -> Path:
    """Return the folder of the recordings; download and unpack them unless they are there.

    Raises DataError when they cannot be downloaded, ResourceError when the disk is full.
    """
    location = ensure_local(SPOKEN_DIGITS_SPEC, progress)
    assert location.folder is not None
    folder = location.folder / "recordings"
    if len(list(folder.glob("*.wav"))) == _COUNT:
        return folder
    progress(_("unpacking {name}", name=SPOKEN_DIGITS_SPEC.name), 0, 0)
    try:
        folder.mkdir(exist_ok=True)
        with zipfile.ZipFile(location.folder / SPOKEN_DIGITS_SPEC.files[0].name) as archive:
            for entry in archive.infolist():
                name = entry.filename.rpartition("/")[2]
                if _NAME.fullmatch(name) and "/recordings/" in entry.filename and entry.file_size < _LARGEST:
                    (folder / name).write_bytes(archive.read(entry))
    except zipfile.BadZipFile as error:
        raise DataError(_("The archive of {name} is damaged: {reason}.", name="spoken-digits", reason=error)) from None
    except OSError as error:
        raise storage_error(error, folder / ".part", _LARGEST) from None
    return folder
