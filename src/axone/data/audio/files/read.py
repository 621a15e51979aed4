"""Decode all recordings of a listing into the cache, each once; skip those that cannot be used, with their reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from axone.data.audio.cache.build import CacheWriter, ensure_cache
from axone.data.audio.cache.format import AudioCache
from axone.data.audio.decode.errors import AudioError, TooLongError
from axone.data.audio.decode.file import read_info, read_recording
from axone.data.audio.files.audio_file import AudioFile, read_status
from axone.data.skipped import check_skipped
from axone.errors import DataError
from axone.messages import _
from axone.progress import Progress

HIGHEST_RATE = 16_000  # Hz, when the user sets none: speech has little above 8 kHz
_SAMPLE = 300  # files whose headers suggest the rate
SHORTEST = 0.01  # seconds: one step of the features


def choose_rate(paths: Sequence[Path]) -> int:
    """Return the most frequent sampling rate of some files (at most 300 are opened), limited to 16 kHz."""
    rates: Counter[int] = Counter()
    for path in paths[:: max(1, len(paths) // _SAMPLE)]:
        try:
            rates[read_info(path).rate] += 1
        except AudioError:
            continue
    if not rates:
        return HIGHEST_RATE
    return min(HIGHEST_RATE, max(rates, key=lambda rate: (rates[rate], -rate)))


def decode_files(
    root: Path,
    files: Sequence[AudioFile],
    skipped: Sequence[tuple[str, str]],
    rate: int,
    longest: float,
    progress: Progress,
) -> AudioCache:
    """Return the samples of all files that can be used, from the cache where they are in it.

    Args:
        root: The folder or table that lists them, for messages and as the name of the cache.
        files: The files.
        skipped: Files that were skipped before.
        rate: The sampling rate in Hz.
        longest: Recordings that are longer, in seconds, are skipped. They do not count as unusable.
        progress: Counts recordings.

    Raises:
        DataError: More than 5 % of the files cannot be used.
        ResourceError: The cache cannot be written, or a library for a format is not installed.
    """

    def build(writer: CacheWriter) -> None:
        text = _("reading recordings")
        for number, file in enumerate(files):
            progress(text, number, len(files))
            try:
                recording = read_recording(file.path, rate, longest)
                if recording.seconds < SHORTEST:
                    raise AudioError(file.path, _("it is shorter than {limit} s", limit=SHORTEST))
            except AudioError as error:
                writer.skip(file.name, error.reason, is_too_long=isinstance(error, TooLongError))
                continue
            info = recording.info
            writer.add(
                file.name, recording.samples, source=number, format=info.format, rate=info.rate,
                channels=info.channels, bits=info.bits, clipped=recording.clipped, replaced=recording.replaced,
            )  # fmt: skip
        progress(text, len(files), len(files))

    state = [(file.name, str(file.path), *read_status(file.path)) for file in files]
    cache = ensure_cache(str(root.resolve()), longest, state, rate, build)
    unusable = [(Path(name), reason) for name, reason in [*skipped, *cache.skipped] if name not in cache.too_long]
    check_skipped(root, unusable, len(files) + len(skipped))
    if not cache.rows:
        raise DataError(_("No recording in '{path}' can be used.", path=root))
    return cache
