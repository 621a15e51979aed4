"""How long a training takes and how large its batches are, by the number of recordings, before any is decoded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axone.data.audio.named.sets import AUDIO_SETS
from axone.errors import AxoneError
from axone.tasks.speech.settings import SpeechSettings

STEPS = {"classes": 800, "transcripts": 900}  # of a training on up to MANY recordings
MANY = 3000
FEWEST_EPOCHS = 4
LARGEST_BATCH = {"classes": 64, "transcripts": 16}  # CTC needs many steps before it answers anything but the blank
LEARNING_RATES = {"classes": 4e-3, "transcripts": 2e-3}
SPOKEN_DIGITS_COUNT = 3000


def choose_training(settings: SpeechSettings) -> dict[str, Any]:
    """Return epochs, batch size and learning rate for the recordings of a source; nothing where it is not known."""
    counted = _count(settings)
    if counted is None:
        return {}
    recordings, targets = counted
    trained = recordings * (1 - settings.test) * (1 - settings.validation)
    if settings.limit:
        trained = min(trained, settings.limit)
    batch = settings.batch_size
    if "batch_size" not in settings.model_fields_set:
        fitting = next((size for size in (8, 16, 32) if trained < 20 * size), 64)
        batch = min(fitting, LARGEST_BATCH[targets])
    steps = STEPS[targets] * max(1.0, (trained / MANY) ** 0.5)
    epochs = max(FEWEST_EPOCHS, round(steps * batch / max(1.0, trained)))
    return {"batch_size": batch, "epochs": min(epochs, 400), "learning_rate": LEARNING_RATES[targets]}


def _count(settings: SpeechSettings) -> tuple[int, str] | None:
    """Return the number of recordings and what their targets are; None where the data are not found."""
    forced = {"classes": "classes", "symbols": "transcripts"}.get(settings.task)
    if settings.data in AUDIO_SETS:
        spec = AUDIO_SETS[settings.data]
        count = spec.count or (len(spec.utterances()) if spec.utterances else SPOKEN_DIGITS_COUNT)
        return count, forced or spec.targets
    from axone.data.audio.files.listing import list_audio

    try:
        listing = list_audio(Path(settings.data).expanduser(), settings.target, settings.group)
    except AxoneError:
        return None  # the reading itself says what is wrong
    return len(listing.files), forced or listing.targets
