"""Speak through the program espeak-ng, where its library cannot be loaded: about 50 ms for a word."""

from __future__ import annotations

import io
import shutil
import subprocess

import numpy as np
from jaxtyping import Float

from axone.data.audio.decode.wav import WavError, decode_blocks, read_header
from axone.data.audio.voices.voice import SpeechError, Voice

_SECONDS = 30  # for one text, before the program is given up


class EspeakProgram:
    """The program espeak-ng.

    Args:
        path: Of the program.

    Raises SpeechError when it cannot be executed.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self.version = self._run(["--version"]).decode(errors="replace").partition("Data at")[0].strip()

    def _run(self, arguments: list[str], text: str = "") -> bytes:
        try:
            result = subprocess.run(
                [self._path, *arguments], input=text.encode(), capture_output=True, timeout=_SECONDS, check=False
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SpeechError(str(error)) from None
        if result.returncode != 0:
            raise SpeechError(result.stderr.decode(errors="replace").strip() or f"exit code {result.returncode}")
        return result.stdout

    def speak(self, text: str, voice: Voice) -> tuple[Float[np.ndarray, " samples"], int]:
        """Return the samples of a text, from -1 to 1, and their rate. The program ignores the pitch's range.

        Raises SpeechError for an unknown voice.
        """
        options = ["-v", voice.name, "-s", str(voice.speed), "-p", str(voice.pitch)]
        file = io.BytesIO(self._run([*options, "-b", "1", "--stdin", "--stdout"], text))
        try:
            header = read_header(file)
            return np.concatenate([block[:, 0] for block in decode_blocks(file, header, 1 << 16)]), header.rate
        except WavError as error:
            raise SpeechError(str(error)) from None


def find_program() -> EspeakProgram | None:
    """Return the program; None where it is not installed."""
    path = shutil.which("espeak-ng")
    if path is None:
        return None
    try:
        return EspeakProgram(path)
    except SpeechError:
        return None
