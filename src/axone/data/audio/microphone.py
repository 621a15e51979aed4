"""Record from the microphone, with the library sounddevice where it is installed, else with the program arecord."""

from __future__ import annotations

import io
import shutil
import subprocess

import numpy as np
from jaxtyping import Float

from axone.data.audio.decode.wav import WavError, decode_blocks, read_header
from axone.errors import ResourceError, SettingsError
from axone.messages import _

LONGEST = 600.0  # seconds
_EXTRA_SECONDS = 10.0  # after which arecord, which should have ended, is stopped


def record_microphone(seconds: float, rate: int) -> Float[np.ndarray, " samples"]:
    """Return what the default microphone hears, as samples of one channel from -1 to 1.

    Args:
        seconds: The length of the recording.
        rate: The sampling rate in Hz.

    Raises:
        SettingsError: The length is not above 0 and up to `LONGEST`.
        ResourceError: There is neither the library nor the program, or no microphone.
    """
    if not (seconds > 0 and seconds <= LONGEST):
        raise SettingsError(
            _("A recording cannot have {seconds} s.", seconds=seconds),
            expected=_("expected {wanted}", wanted=_("more than 0, up to {limit} s", limit=LONGEST)),
        )
    try:
        import sounddevice  # type: ignore[import-not-found]
    except (ImportError, OSError):  # OSError: the library that it loads, PortAudio, is missing
        return _record_with_program(seconds, rate)
    try:
        samples = sounddevice.rec(max(1, round(seconds * rate)), samplerate=rate, channels=1, dtype="float32")
        sounddevice.wait()
    except sounddevice.PortAudioError as error:
        raise _no_microphone(str(error)) from None
    return np.asarray(samples, np.float32)[:, 0]


def _record_with_program(seconds: float, rate: int) -> Float[np.ndarray, " samples"]:
    program = shutil.which("arecord")
    if program is None:
        raise ResourceError(
            _("To record, Axone needs the library sounddevice or the program arecord; neither is installed."),
            hint=_("type: pip install sounddevice; or install your system's package alsa-utils"),
        )
    # arecord takes whole seconds or, with -s, a number of frames.
    command = [
        program,
        "-q",
        "-t",
        "wav",
        "-f",
        "S16_LE",
        "-c",
        "1",
        "-r",
        str(rate),
        "-s",
        str(max(1, round(seconds * rate))),
    ]
    try:
        result = subprocess.run(command, capture_output=True, timeout=seconds + _EXTRA_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _no_microphone(str(error)) from None
    if result.returncode != 0:
        raise _no_microphone(result.stderr.decode(errors="replace").strip().partition("\n")[0])
    file = io.BytesIO(result.stdout)
    try:
        return np.concatenate([block[:, 0] for block in decode_blocks(file, read_header(file), 1 << 16)])
    except WavError as error:
        raise _no_microphone(str(error)) from None


def _no_microphone(reason: str) -> ResourceError:
    return ResourceError(
        _("The microphone cannot be recorded: {reason}.", reason=reason.rstrip(".")[:300]),
        hint=_("record a file with another program, and name it instead"),
    )
