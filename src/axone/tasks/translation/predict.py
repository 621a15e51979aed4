"""Translating pictures of the user's, there or back, and what the report of `image_to_image` shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from axone.data.images.normalize import normalize
from axone.data.images.pairs import PairStream
from axone.engine.experiment import Experiment
from axone.errors import DataError, UsageError
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.figure import Figure
from axone.messages import _
from axone.tasks.answers import GeneratedImage, to_uint8
from axone.tasks.images.inputs import load_pixels
from axone.tasks.images.splits import EVAL_BATCH_SIZE

SHOWN = 10  # pictures in a row of the report
BACK = "back"

Pictures = Float[Tensor, "batch channels height width"]


class Translator(nn.Module):
    """Two networks, one for each direction; called like a network it translates there."""

    def __init__(self, there: nn.Module, back: nn.Module) -> None:
        super().__init__()
        self.there, self.back = there, back

    def forward(self, pictures: Pictures) -> Pictures:
        """Translate pictures of the first kind, counted from -1 to 1, into the second."""
        return self.there(pictures)


@dataclass(frozen=True)
class Back:
    """A picture that is to be translated the other way: from the second kind into the first."""

    picture: Any


def read_inputs(given: Any, facts: Mapping[str, Any]) -> tuple[list[Any], bool] | None:
    """Understand `back=FILE`, `back=FOLDER` and {"back": picture}: what goes the other way. Raises UsageError."""
    if isinstance(given, str) and given.startswith(f"{BACK}="):
        given = {BACK: given.removeprefix(f"{BACK}=")}
    if not isinstance(given, Mapping):
        return None
    if set(given) != {BACK}:
        raise UsageError(
            _("'{given}' is not understood here.", given=", ".join(map(str, given))),
            expected=_("expected a picture, or back=PICTURE to translate the other way"),
        )
    picture = given[BACK]
    if isinstance(picture, str | Path) and Path(picture).is_dir():
        files = sorted(path for path in Path(picture).rglob("*") if path.is_file() and not path.name.startswith("."))
        return [Back(path) for path in files], False
    return [Back(Path(picture) if isinstance(picture, str) else picture)], True


def predict(network: nn.Module, facts: Mapping[str, Any], inputs: Sequence[Any]) -> list[GeneratedImage | DataError]:
    """Translate each picture at the network's size; what cannot be read gets its error, in its place."""
    assert isinstance(network, Translator)
    answers: list[GeneratedImage | DataError] = []
    for start in range(0, len(inputs), EVAL_BATCH_SIZE):
        some = inputs[start : start + EVAL_BATCH_SIZE]
        found: list[np.ndarray | DataError] = []
        for given in some:
            try:
                found.append(load_pixels(given.picture if isinstance(given, Back) else given, facts))
            except DataError as error:
                found.append(error)
        made: dict[int, GeneratedImage] = {}
        for one_way, backwards in ((network.there, False), (network.back, True)):
            pictures = {
                row: pixels for row, (given, pixels) in enumerate(zip(some, found, strict=True))
                if isinstance(given, Back) == backwards and isinstance(pixels, np.ndarray)
            }  # fmt: skip
            if pictures:
                translated = _translated(one_way, facts, np.stack(list(pictures.values())))
                made.update((row, GeneratedImage(pixels)) for row, pixels in zip(pictures, translated, strict=True))
        answers += [answer if isinstance(answer, DataError) else made[row] for row, answer in enumerate(found)]
    return answers


def _translated(
    network: nn.Module, facts: Mapping[str, Any], pixels: UInt8[np.ndarray, "batch height width channels"]
) -> UInt8[np.ndarray, "batch height width channels"]:
    network.eval()
    device = next(network.parameters()).device
    with torch.inference_mode():
        inputs = normalize(torch.from_numpy(pixels).to(device), facts["mean"], facts["std"])
        return to_uint8(in_shares(network(inputs))).numpy()


def in_shares(pictures: Pictures) -> Pictures:
    """Turn pixels that count from -1 to 1 into shares of the range from black to white."""
    return (pictures.float() + 1) / 2


def make_figures(made: Experiment, final: bool) -> Iterable[Figure]:
    """Show held-out pictures, what they become, and what that becomes on the way back: from both sides."""
    network = made.learner.networks["network"]
    assert isinstance(network, Translator)
    stream = made.validation or made.train
    assert isinstance(stream, PairStream)
    batch = next(iter(stream.to(made.learner.context.device).batches(1)))
    count = min(SHOWN, len(batch.inputs), len(batch.targets))
    one, other = batch.inputs[:count], batch.targets[:count]
    truth = made.facts["truth"] and made.validation is not None
    for name, title, pictures, answer, go, come in (
        ("there", _("There and back"), one, other, network.there, network.back),
        ("back", _("Back and there"), other, one, network.back, network.there),
    ):
        with made.learner.casting():
            translated = go(pictures)
            returned = come(translated)
        rows = [pictures, translated, returned, *([answer] if truth else [])]
        caption = _("Rows: given; translated; translated back.")
        if truth:
            caption += " " + _("The last row is the true translation, which was never shown.")
        yield Figure(
            name, title, draw_contact_sheet(to_uint8(in_shares(torch.cat(rows))).numpy(), columns=count), caption
        )
