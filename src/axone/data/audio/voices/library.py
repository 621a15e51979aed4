"""Speak through the library of eSpeak NG, within this process: about a millisecond for a word.

The library is that of the package `espeakng-loader`, which contains the voices too, or one that is installed on the
system. It has one state for the whole process, so that it is loaded once and used by one thread at a time.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import threading
from functools import cache

import numpy as np
from jaxtyping import Float

from axone.data.audio.voices.voice import SpeechError, Voice

# Of espeak-ng's speak_lib.h.
_SYNCHRONOUS, _DO_NOT_EXIT = 2, 0x8000
_UTF8, _CHARACTERS = 1, 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class EspeakLibrary:
    """The library, initialized.

    Args:
        path: Of the library.
        data: Of its voices; None: where the library was installed.

    Raises SpeechError when it cannot be loaded.
    """

    def __init__(self, path: str, data: str | None = None) -> None:
        try:
            self._library = ctypes.CDLL(path)
            self._library.espeak_Info.restype = ctypes.c_char_p
        except (OSError, AttributeError) as error:
            raise SpeechError(str(error)) from None
        folder = None if data is None else data.encode()
        self._rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, folder, _DO_NOT_EXIT)
        if self._rate <= 0:
            raise SpeechError(f"espeak_Initialize: {self._rate}")
        self._blocks: list[bytes] = []
        self._receive = _Callback(self._append)  # referenced here, because the library keeps only its address
        self._library.espeak_SetSynthCallback(self._receive)
        self._lock = threading.Lock()
        version = self._library.espeak_Info(None)
        self.version = f"eSpeak NG {version.decode(errors='replace').split()[0] if version else '?'}"

    def _append(self, samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._blocks.append(ctypes.string_at(samples, 2 * count))
        return 0

    def speak(self, text: str, voice: Voice) -> tuple[Float[np.ndarray, " samples"], int]:
        """Return the samples of a text, from -1 to 1, and their rate. Raises SpeechError for an unknown voice."""
        with self._lock:
            self._blocks.clear()
            if self._library.espeak_SetVoiceByName(voice.name.encode()) != 0:
                raise SpeechError(f"no voice {voice.name!r}")
            for parameter, value in ((_RATE, voice.speed), (_PITCH, voice.pitch), (_RANGE, voice.pitch_range)):
                self._library.espeak_SetParameter(parameter, value, 0)
            data = text.encode()
            status = self._library.espeak_Synth(
                data, ctypes.c_size_t(len(data) + 1), 0, _CHARACTERS, 0, _UTF8, None, None
            )
            self._library.espeak_Synchronize()
            if status != 0:
                raise SpeechError(f"espeak_Synth: {status}")
            return np.frombuffer(b"".join(self._blocks), np.int16).astype(np.float32) / 2**15, self._rate


@cache
def load_library() -> EspeakLibrary | None:
    """Return the library of `espeakng-loader`, else that of the system; None where neither can be loaded."""
    for path, data in [*_find_in_loader(), *_find_in_system()]:
        try:
            return EspeakLibrary(path, data)
        except SpeechError:
            continue
    return None


def _find_in_loader() -> list[tuple[str, str | None]]:
    try:
        import espeakng_loader  # type: ignore[import-untyped]

        return [(str(espeakng_loader.get_library_path()), str(espeakng_loader.get_data_path()))]
    except (ImportError, OSError):
        return []


def _find_in_system() -> list[tuple[str, str | None]]:
    path = ctypes.util.find_library("espeak-ng")
    return [(path, None)] if path else []
