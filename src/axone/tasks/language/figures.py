"""Figures of a language model: samples at each check; at the end the baseline, the longest copy, surprise and units."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.data.text.vocabulary import BOUNDARY
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.numbers import format_number
from axone.tasks.language.copies import find_longest_copy
from axone.tasks.language.data import LanguageData
from axone.tasks.language.drawings import draw_states, draw_surprise
from axone.tasks.language.generate import write_text
from axone.tasks.language.kneser_ney import KneserNey
from axone.tasks.language.predict import measure_surprise
from axone.tasks.language.steps import StepModel, find_step_model

SAMPLES = ((0.5, 1.0), (0.8, 0.95), (1.0, 1.0))  # temperature and top-p of each
SAMPLE_LENGTH, FINAL_LENGTH = 300, 1000
ORDERS = (2, 3, 4, 5, 6, 8, 10)
COUNTED = 4_000_000  # symbols of a long text that the n-grams are counted on
COPIED_TEXT = 3000  # characters that are generated to be compared with the training text
DRAWN = 900  # symbols of held-out text that are drawn with their surprise
OBSERVED, DRAWN_STATES = 4000, 420  # symbols on which units are chosen, and that are drawn


def make_figures(network: nn.Module, data: LanguageData, seed: int, final: bool) -> Iterator[Figure | Table]:
    """Make the samples; if `final`, also the comparisons with the baseline and the training text, and the drawings."""
    model = find_step_model(network)
    length = FINAL_LENGTH if final else SAMPLE_LENGTH
    yield tabulate_samples(model, data, length, seed)
    if not final or not data.train_texts:
        return
    yield compare_with_training(model, data, seed)
    if len(data.held_out) < 2:
        return
    yield compare_with_n_grams(network, data)
    yield draw_held_out(network, data)
    if figure := draw_units(network, data):
        yield figure


def tabulate_samples(model: StepModel, data: LanguageData, length: int, seed: int) -> Table:
    """Write a text at each of three temperatures, from the same random numbers at each check."""
    rows = [
        [temperature, top_p, write_text(model, data.vocabulary, length, temperature=temperature, top_p=top_p,
                                        seed=("samples", seed))]
        for temperature, top_p in SAMPLES
    ]  # fmt: skip
    return Table("samples", _("Generated texts"), [_("temperature"), _("top-p"), _("text")], rows)


def compare_with_training(model: StepModel, data: LanguageData, seed: int) -> Table:
    """Find the longest verbatim copy of the training text in generated texts and, for comparison, in held-out text."""
    source = b"\n".join(data.train_texts)
    rows = []
    texts = [
        (_("generated, temperature {value}", value=temperature),
         write_text(model, data.vocabulary, COPIED_TEXT, temperature=temperature, top_p=top_p, seed=("copies", seed)))
        for temperature, top_p in SAMPLES
    ]  # fmt: skip
    if data.held_out_texts:
        held_out = b"\n".join(data.held_out_texts)[: 4 * COPIED_TEXT].decode("utf-8", "ignore")[:COPIED_TEXT]
        texts.append((_("held-out text"), held_out))
    for name, text in texts:
        copied = find_longest_copy(text.encode(), source).text.decode("utf-8", "ignore")
        rows.append([name, len(text), len(copied), copied])
    columns = [_("text"), _("characters"), _("longest copy, in characters"), _("what is copied")]
    return Table("copies", _("The longest verbatim copies of the training text"), columns, rows)


def compare_with_n_grams(network: nn.Module, data: LanguageData) -> Table:
    """Compare the loss on the held-out text with those of n-gram models of the same training text."""
    symbols = data.train[:COUNTED].long().cpu().numpy()
    held_out = data.held_out.long().cpu().numpy()
    counted = KneserNey(symbols, data.vocabulary.size, max(ORDERS))
    losses = -counted.log_probabilities(held_out)[:, 1:].mean(1)
    per_character = data.facts["characters_per_symbol"]
    own = float(measure_surprise(network, data.held_out.long()).double().mean())
    rows: list[list[Any]] = [
        [_("n-grams of {count} symbols", count=order), round(float(losses[order - 1]), 4),
         round(float(losses[order - 1]) / per_character / math.log(2), 4)]
        for order in ORDERS
    ]  # fmt: skip
    rows.append([_("this model"), round(own, 4), round(own / per_character / math.log(2), 4)])
    columns = [_("model"), _("nats per symbol"), _("bits per character")]
    title = _("Loss on the held-out text, compared with n-grams with Kneser-Ney smoothing")
    if len(data.train) > COUNTED:
        title += " " + _("(counted on the first {count} symbols)", count=format_number(COUNTED))
    return Table("baseline", title, columns, rows)


def draw_held_out(network: nn.Module, data: LanguageData) -> Figure:
    """Draw the beginning of the held-out text with the surprise of each symbol."""
    symbols = data.held_out[: DRAWN + 1].long()
    bits = measure_surprise(network, symbols) / math.log(2)
    names = [_write_symbol(data, symbol) for symbol in symbols[1:].tolist()]
    return Figure(
        "surprise", _("Surprise of each symbol of held-out text"), draw_surprise(names, bits.tolist()),
        _("The darker, the less probable a symbol was after the ones before it. The first symbols have no context."),
    )  # fmt: skip


def draw_units(network: Any, data: LanguageData) -> Figure | None:
    """Draw the states of the units that follow properties of the text best; None where no property varies."""
    symbols = data.held_out[:OBSERVED].long()
    names = [_write_symbol(data, symbol) for symbol in symbols.tolist()]
    states = record_states(find_step_model(network), symbols)
    chosen = []
    for title, values in describe_places(names):
        correlations = correlate(states, values)
        unit = int(correlations.abs().argmax())
        if not torch.isfinite(correlations[unit]):
            continue
        value = round(float(correlations[unit]), 2)
        heading = _("unit {number} follows {property} (correlation {value})", number=unit, property=title, value=value)
        chosen.append((heading, states[:DRAWN_STATES, unit].tolist()))
    if not chosen:
        return None
    return Figure(
        "units", _("What single units remember"), draw_states(names[:DRAWN_STATES], chosen),
        _("Memory of the last layer after each symbol of held-out text: blue -1, white 0, red 1. Of all units, the "
          "ones that correlate most with a property of the text."),
    )  # fmt: skip


@torch.inference_mode()
def record_states(model: StepModel, symbols: Tensor) -> Float[Tensor, "steps units"]:
    """Return the memory of the last layer after each symbol: the hidden state, or tanh of an LSTM's memory cell."""
    state = model.start()
    rows = []
    for symbol in symbols[:, None]:
        _logits, state = model.step(symbol, state)
        rows.append(state[-1][0, -1])
    states = torch.stack(rows)
    return states.tanh() if model.mode == "LSTM" else states


def correlate(states: Float[Tensor, "steps units"], values: Sequence[float]) -> Float[Tensor, " units"]:
    """Return the correlation of each unit with values; NaN if the values are all equal, 0 for a constant unit."""
    target = torch.tensor(values, dtype=torch.float64)
    target = target - target.mean()
    centered = states.double() - states.double().mean(0)
    scale = centered.norm(dim=0).clamp(min=1e-9) * target.norm()
    return (target @ centered) / torch.where(scale > 0, scale, torch.nan)


def describe_places(symbols: Sequence[str]) -> list[tuple[str, list[float]]]:
    """Return properties of the place after each symbol of a text, with their names."""
    column, depth, quoted, word = 0, 0, False, 0
    columns, depths, quotes, words = [], [], [], []
    for symbol in symbols:
        for character in symbol:
            column = 0 if character == "\n" else column + 1
            word = word + 1 if character.isalnum() else 0
            depth = max(0, depth + (character in "([{") - (character in ")]}"))
            quoted = not quoted if character == '"' else quoted and character != "\n"
        columns.append(float(min(column, 80)))
        depths.append(float(depth > 0))
        quotes.append(float(quoted))
        words.append(float(min(word, 12)))
    return [
        (_("the length of the line"), columns),
        (_("the length of the word"), words),
        (_("being inside brackets"), depths),
        (_("being inside double quotes"), quotes),
    ]


def _write_symbol(data: LanguageData, symbol: int) -> str:
    return "\n" if symbol == BOUNDARY else data.vocabulary.decode([symbol])
