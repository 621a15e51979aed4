"""A run of `language_model` as a guide of the search for a transcript: what its network says about the next symbol.

The network is rebuilt from the run's `graph.json`, so that no code of the run is executed. Characters of its
vocabulary are matched with the symbols of transcripts; a symbol that it does not know is as likely as its unknown one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from axone.data.text.vocabulary import BOUNDARY, UNKNOWN, CharacterVocabulary
from axone.errors import RunError, UsageError
from axone.graph import Model
from axone.messages import _
from axone.runs import checkpoints, folder
from axone.runs.status import read_run
from axone.runs.storage.links import require_no_links_out
from axone.runs.storage.verification import make_damage_error, verify

GRAPH, PREFIX = "graph.json", "network."
SYSTEM = "language_model"


class CharacterScores:
    """The log probabilities of a character language model for the symbols of transcripts (see `LanguageScores`).

    Args:
        network: Symbols (batch, steps) and the parts of a state in; logits (batch, steps, vocabulary) and those parts
            out.
        state_shapes: The shape of each part of the state of one text.
        numbers: The number in the model's vocabulary of the end of a text, and of each symbol of transcripts.
    """

    def __init__(self, network: Model, state_shapes: Sequence[Sequence[int]], numbers: Sequence[int]) -> None:
        self.network = network.eval()
        self.state_shapes = state_shapes
        self.numbers = torch.tensor(numbers)

    def begin(self) -> tuple[Any, Float[np.ndarray, " symbols"]]:
        """Return the state after the boundary before a text, and the log probabilities of the first symbol."""
        state = [torch.zeros(*shape) for shape in self.state_shapes]
        states, rows = self.extend([state], [0])
        return states[0], rows[0]

    def extend(
        self, states: Sequence[Any], symbols: Sequence[int]
    ) -> tuple[list[Any], Float[np.ndarray, "prefixes symbols"]]:
        """Append a symbol to each of several prefixes; return their states, and the log probabilities after them."""
        batched = [torch.stack(parts) for parts in zip(*states, strict=True)]
        with torch.inference_mode():
            logits, *after = self.network(self.numbers[torch.tensor(symbols)][:, None], *batched)
            rows = logits[:, -1].float().log_softmax(1)[:, self.numbers]
        return [list(parts) for parts in zip(*after, strict=True)], rows.numpy()


def read_language_model(name: str, symbols: Sequence[str], runs_folder: str | Path = "runs") -> CharacterScores:
    """Read a run of `language_model` for the symbols of transcripts.

    Args:
        name: The folder of the run, or its name in the folder of runs.
        symbols: The symbols of transcripts, without the blank.
        runs_folder: The folder of runs.

    Raises UsageError for a run of another kind or without most of the symbols, RunError, DamagedError.
    """
    path = folder.find(name, runs_folder)
    require_no_links_out(path)
    if damages := verify(path, ("settings.toml", "facts.json", "environment.json", GRAPH)):
        raise make_damage_error(path, damages)
    info = read_run(path)
    if info.system != SYSTEM or info.facts["vocabulary"]["kind"] != "characters":
        raise UsageError(
            _("The run '{run}' is not a language model of characters.", run=path),
            expected=_("expected a run of: {command}", command="axone train language_model --symbols characters"),
        )
    network = Model.from_json(json.loads((path / GRAPH).read_text("utf-8")))
    weights = checkpoints.load(path, "best", "last").weights
    try:
        network.load_state_dict({key.removeprefix(PREFIX): value for key, value in weights.items()})
    except RuntimeError:
        raise RunError(
            _("The weights of '{run}' do not fit the network in its {file}.", run=path, file=GRAPH)
        ) from None
    vocabulary = CharacterVocabulary(info.facts["vocabulary"]["characters"])
    numbers = [vocabulary.find(symbol) for symbol in symbols]
    unknown = [symbol for symbol, number in zip(symbols, numbers, strict=True) if number == UNKNOWN]
    if len(unknown) > len(symbols) / 2:
        raise UsageError(
            _("The language model '{run}' does not know these symbols of the transcripts: {symbols}.",
              run=path, symbols=" ".join(unknown)),
            expected=_("expected a model of texts that are written as the transcripts are"),
        )  # fmt: skip
    return CharacterScores(network, network.input_shapes[1:], [BOUNDARY, *numbers])
