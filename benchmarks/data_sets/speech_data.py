"""Recordings for the benchmark of speech: free spoken digits, digits joined to numbers, and Debian's spoken prompts.

Each function writes a folder that `--data` takes. The free spoken digits are those of the data for checks (fsdd.tar.xz:
`{digit}_{speaker}_{take}.wav`), of which takes 0 to 4 are the test set. The prompts are installed by the packages
asterisk-core-sounds-en-wav and asterisk-core-sounds-fr-wav (CC-BY-SA-3.0).
"""

from __future__ import annotations

import csv
import shutil
import tarfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from axone.data.audio.decode.file import read_recording
from axone.data.audio.decode.wav import encode_wav
from axone.data.audio.voices.words import DIGITS

ARCHIVE = "shared/data/fsdd.tar.xz"  # in a folder above this one
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
TEST_TAKES = 5
PROMPTS = Path("/usr/share/asterisk/sounds")
PROMPT_VOICES = {"en": "en_US_f_Allison", "fr": "fr_CA_f_June"}
RATE = 8000
GAP = (0.05, 0.4)  # seconds between the digits of a number
LENGTHS = (2, 6)  # digits of a number


def unpack_digits(folder: Path, archive: Path | None = None) -> Path:
    """Unpack the free spoken digits into a folder, once, and return it. FileNotFoundError: there is no archive."""
    if archive is None:
        places = [parent / ARCHIVE for parent in Path(__file__).resolve().parents]
        archive = next((place for place in places if place.is_file()), places[2])
    if not any(folder.glob("*.wav")):
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    return folder


def split_name(path: Path) -> tuple[str, str, int]:
    """Return the digit, the speaker and the take of a recording by its name."""
    digit, speaker, take = path.stem.split("_")
    return digit, speaker, int(take)


def is_test(path: Path) -> bool:
    """Return whether a recording is of the official test set."""
    return split_name(path)[2] < TEST_TAKES


def write_digits(digits: Path, out: Path, *, words: str | None = None, only_test: bool = False) -> Path:
    """Write the digits as train/CLASS/*.wav and test/CLASS/*.wav.

    Args:
        digits: The folder of `unpack_digits`.
        out: The folder to write.
        words: The language whose words are the names of the classes; None: the digits themselves.
        only_test: Write CLASS/*.wav of all recordings, for an evaluation.
    """
    shutil.rmtree(out, ignore_errors=True)
    for path in sorted(digits.glob("*.wav")):
        digit, _speaker, _take = split_name(path)
        name = DIGITS[words][int(digit)] if words else digit
        place = out / name if only_test else out / ("test" if is_test(path) else "train") / name
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    return out


def write_numbers(digits: Path, out: Path, *, train: int, test: int, seed: int = 0) -> Path:
    """Write numbers of several digits as recordings with a CSV file: the digits of a speaker, joined with random gaps.

    Training numbers are of training recordings, test numbers of test recordings, so that no recording is in both. The
    gaps are noise as quiet as the quietest hundredth of the recordings next to them.

    Args:
        digits: The folder of `unpack_digits`.
        out: The folder to write.
        train, test: How many numbers.
        seed: Of which digits are joined, and how.

    Returns:
        The CSV file: file, text, speaker, split.
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    paths = sorted(digits.glob("*.wav"))
    rows = []
    for split, count in (("train", train), ("test", test)):
        by_speaker = {
            speaker: [p for p in paths if split_name(p)[1] == speaker and is_test(p) == (split == "test")]
            for speaker in SPEAKERS
        }
        samples = {path: read_recording(path, RATE).samples for group in by_speaker.values() for path in group}
        for number in range(count):
            speaker = SPEAKERS[number % len(SPEAKERS)]
            length = int(rng.integers(LENGTHS[0], LENGTHS[1] + 1))
            chosen = [by_speaker[speaker][i] for i in rng.integers(len(by_speaker[speaker]), size=length)]
            name = f"{split}_{number:05}.wav"
            (out / name).write_bytes(encode_wav(join_recordings([samples[p] for p in chosen], rng), RATE))
            rows.append((name, "".join(split_name(p)[0] for p in chosen), speaker, split))
    with (out / "numbers.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "text", "speaker", "split"), *rows])
    return out / "numbers.csv"


def join_recordings(recordings: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Return recordings one after the other, with gaps of quiet noise before, between and after them."""
    quiet = float(np.quantile(np.abs(np.concatenate(recordings)), 0.01)) + 1e-4

    def gap() -> np.ndarray:
        return (quiet * rng.standard_normal(round(rng.uniform(*GAP) * RATE))).astype(np.float32)

    pieces = [gap()]
    for recording in recordings:
        pieces += [recording, gap()]
    return np.concatenate(pieces)


def write_prompts(out: Path, language: str) -> Path | None:
    """Write Debian's prompts of the ten digits as CLASS/*.wav, named by their words; None where not installed."""
    source = PROMPTS / PROMPT_VOICES[language] / "digits"
    if not source.is_dir():
        return None
    shutil.rmtree(out, ignore_errors=True)
    for digit, word in enumerate(DIGITS[language]):
        (out / word).mkdir(parents=True)
        shutil.copy(source / f"{digit}.wav", out / word / f"{digit}.wav")
    return out


def write_prompt_numbers(out: Path, language: str, count: int, seed: int = 0) -> Path | None:
    """Write numbers joined from Debian's prompts, with a CSV file; None where they are not installed."""
    source = PROMPTS / PROMPT_VOICES[language] / "digits"
    if not source.is_dir():
        return None
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    samples = [read_recording(source / f"{digit}.wav", RATE).samples for digit in range(10)]
    rows = []
    for number in range(count):
        digits = rng.integers(10, size=int(rng.integers(LENGTHS[0], LENGTHS[1] + 1)))
        (out / f"{number:05}.wav").write_bytes(encode_wav(join_recordings([samples[d] for d in digits], rng), RATE))
        rows.append((f"{number:05}.wav", "".join(map(str, digits))))
    with (out / "numbers.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "text"), *rows])
    return out / "numbers.csv"
