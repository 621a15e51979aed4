#!/usr/bin/env python3
"""Write the figures and the measured parts of the course's page on memory, in English and in French.

    python scripts/memory_figures.py            everything (minutes)
    python scripts/memory_figures.py --drawings everything but what needs a training

The networks are written with `axone.graph` and trained here, with one thread: a recurrent network that must remember
its first symbol, and an LSTM that reads the sources of Python's standard library character by character.
"""

from __future__ import annotations

import statistics
import sys
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from axone import messages
from axone.figures.canvas import BLUE, INK, RED, RULE, SOFT, Axes, Canvas
from axone.graph import GRU, LSTM, RNN, Embedding, Input, Linear, Model
from axone.numbers import format_percent, localize
from course_pages import LANGUAGES, insert, page_of, save

CELLS = {"rnn": RNN, "gru": GRU, "lstm": LSTM}
NAMES = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
COLORS = {"rnn": RED, "gru": "#8a6d00", "lstm": BLUE}
DASHES = {"rnn": "", "gru": "6 4", "lstm": ""}
GREEN, PALE = "#2e7d4f", "#eef1f5"

SYMBOLS, GAPS, SEEDS, HIDDEN = 8, (5, 10, 20, 40, 80), (1, 2, 3), 48
UPDATES, BATCH, LEARNING_RATE = 600, 32, 4e-3
READ_CHARACTERS, READ_HIDDEN, READ_UPDATES, READ_STEPS = 4_000_000, 128, 6000, 64
WORDS = {
    "en": {
        "time": "steps", "state": "state",
        "cell": "cell", "same": "the same weights at each step", "memory": "memory cell", "forget": "forget gate",
        "write": "input gate", "candidate": "candidate", "read": "output gate",
        "gap": "steps between symbol and question",
        "accuracy": "accuracy", "chance": "chance", "distance": "steps before the question",
        "gradient": "size of the gradient", "unit": "unit", "correlation": "correlation",
        "closed": "closed", "open": "open", "string": "inside a string", "comment": "inside a comment",
        "line": "place in the line",
    },
    "fr": {
        "time": "pas", "state": "état",
        "cell": "cellule", "same": "les mêmes poids à chaque pas", "memory": "cellule de mémoire",
        "forget": "porte d'oubli", "write": "porte d'entrée", "candidate": "candidat", "read": "porte de sortie",
        "gap": "pas entre le symbole et la question", "accuracy": "exactitude", "chance": "hasard",
        "distance": "pas avant la question", "gradient": "taille du gradient", "unit": "unité",
        "correlation": "corrélation", "closed": "fermée", "open": "ouverte", "string": "dans une chaîne",
        "comment": "dans un commentaire", "line": "place dans la ligne",
    },
}  # fmt: skip


def main() -> None:
    """Write the figures and the measured parts of both pages."""
    torch.set_num_threads(1)
    trained = "--drawings" not in sys.argv[1:]
    if trained:
        results = measure_gaps()
        gradients = measure_gradients()
        reading = read_sources()
    for language in LANGUAGES:
        messages.use(language)
        words, page = WORDS[language], page_of("memory", language)
        save(language, "unrolled", draw_unrolled(words))
        save(language, "lstm-cell", draw_cell(words))
        if trained:
            save(language, "gaps", draw_gaps(results, words))
            insert(page, "gaps", write_gaps(results, words))
            save(language, "gradients", draw_gradients(gradients, words))
            for kind in reading.chosen:
                save(language, f"gates-{kind}", draw_gates(reading, kind, words))
            insert(page, "units", write_units(reading, words))


# --- The task: remember the first symbol -----------------------------------------------------------------------------


def build_network(cell: str, hidden: int = HIDDEN) -> Model:
    """Return a network that reads symbols and answers at the last step."""
    symbols = Input(2, dtype="int64", name="symbols")
    output, _state = CELLS[cell](hidden, name="cell")(Embedding(2 * SYMBOLS + 1, 16)(symbols))
    return Model(symbols, Linear(SYMBOLS)(output[:, -1]))


def draw_examples(count: int, gap: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return sequences and targets: one symbol, `gap` others that do not matter, and a question mark."""
    target = torch.randint(SYMBOLS, (count,), generator=generator)
    others = SYMBOLS + torch.randint(SYMBOLS, (count, gap), generator=generator)
    question = torch.full((count, 1), 2 * SYMBOLS)
    return torch.cat([target[:, None], others, question], 1), target


def train_on_gap(cell: str, gap: int, seed: int) -> Model:
    """Train a network on sequences with this gap."""
    torch.manual_seed(seed)
    network, generator = build_network(cell), torch.Generator().manual_seed(seed)
    open_gate(network.get_submodule("cell"), cell)
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, UPDATES)
    for _update in range(UPDATES):
        symbols, target = draw_examples(BATCH, gap, generator)
        optimizer.zero_grad()
        cross_entropy(network(symbols), target).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return network.eval()


def measure_gaps() -> dict[str, dict[int, list[float]]]:
    """Return the accuracy of each cell for each gap and seed, on 1,000 new sequences."""
    results: dict[str, dict[int, list[float]]] = {cell: {gap: [] for gap in GAPS} for cell in CELLS}
    for cell in CELLS:
        for gap in GAPS:
            for seed in SEEDS:
                network = train_on_gap(cell, gap, seed)
                symbols, target = draw_examples(1000, gap, torch.Generator().manual_seed(1000 + seed))
                with torch.no_grad():
                    results[cell][gap].append((network(symbols).argmax(1) == target).float().mean().item())
            print(cell, gap, [round(value, 3) for value in results[cell][gap]], flush=True)
    return results


def write_gaps(results: dict[str, dict[int, list[float]]], words: dict[str, str]) -> str:
    """Return the table of accuracies: the mean over the seeds, the lowest and the highest."""
    head = f"| {words['gap']} | {' | '.join(NAMES.values())} |\n|---:|" + "---:|" * len(CELLS)
    rows = []
    for gap in GAPS:
        cells = []
        for cell in CELLS:
            values = results[cell][gap]
            low, high = (format_percent(value, 0) for value in (min(values), max(values)))
            cells.append(f"{format_percent(statistics.fmean(values), 0)} ({low}-{high})")
        rows.append(f"| {gap} | {' | '.join(cells)} |")
    return "\n".join([head, *rows])


def draw_gaps(results: dict[str, dict[int, list[float]]], words: dict[str, str]) -> str:
    """Draw the accuracy by gap."""
    canvas = Canvas(640, 380)
    axes = Axes(canvas, (64, 40, 440, 270), (0, len(GAPS) - 1), (0, 1))
    axes.draw(words["gap"], words["accuracy"], grid=True, x_ticks=False)
    for place, gap in enumerate(GAPS):
        canvas.text((axes.point(place, 0)[0], 328), str(gap), size=12, fill=SOFT, anchor="middle")
    axes.line([(0, 1 / SYMBOLS), (len(GAPS) - 1, 1 / SYMBOLS)], stroke=SOFT, width=1.2, dash="3 4")
    canvas.text((axes.point(0, 0)[0] + 8, axes.point(0, 1 / SYMBOLS)[1] + 16), words["chance"], size=12, fill=SOFT)
    for number, cell in enumerate(CELLS):
        means = [(place, statistics.fmean(results[cell][gap])) for place, gap in enumerate(GAPS)]
        axes.line(means, stroke=COLORS[cell], width=2.5, dash=DASHES[cell])
        for place, mean in means:
            canvas.circle(axes.point(place, mean), 3.5, fill=COLORS[cell], stroke=COLORS[cell])
        y = 64 + 26 * number
        canvas.line([(524, y), (554, y)], stroke=COLORS[cell], width=2.5, dash=DASHES[cell])
        canvas.text((562, y + 5), NAMES[cell], size=14)
    return canvas.svg()


def measure_gradients(gap: int = 40) -> dict[str, list[float]]:
    """Return how much the loss at the end changes with the input of each step, in untrained networks.

    The size of the gradient with respect to the vector of each step, relative to the last one, with its mean logarithm
    over seeds; the first number is that of the last step.
    """
    gradients = {}
    for cell in CELLS:
        total = torch.zeros(gap + 2)
        for seed in range(10):
            torch.manual_seed(seed)
            network = build_network(cell)
            open_gate(network.get_submodule("cell"), cell)
            symbols, target = draw_examples(64, gap, torch.Generator().manual_seed(seed))
            vectors = network.get_submodule("embedding_1")(symbols).detach().requires_grad_(True)
            output = network.get_submodule("cell")(vectors)[0]
            loss = cross_entropy(network.get_submodule("linear_1")(output[:, -1]), target, reduction="sum")
            (gradient,) = torch.autograd.grad(loss, vectors)
            sizes = gradient.norm(dim=2).mean(0)
            total += (sizes / sizes[-1]).log10()
        gradients[cell] = (total / 10).flip(0).tolist()
    return gradients


def open_gate(module: nn.Module, cell: str) -> None:
    """Let a new cell keep its state at first: open the forget gate of an LSTM, the update gate of a GRU.

    A plain RNN has no such gate. (Gers, Schmidhuber and Cummins, 2000, "Learning to forget".)
    """
    if cell != "rnn":
        with torch.no_grad():
            module.bias_ih_l0[module.hidden_size : 2 * module.hidden_size] = 3.0


def draw_gradients(gradients: dict[str, list[float]], words: dict[str, str]) -> str:
    """Draw the size of the gradient by distance, on a logarithmic scale."""
    canvas = Canvas(640, 360)
    lowest = -10
    axes = Axes(canvas, (74, 40, 430, 250), (0, len(gradients["lstm"]) - 1), (lowest, 0))
    axes.draw(words["distance"], words["gradient"], grid=True, about=5)
    canvas.box((0, 30), 70, 264, stroke="none")
    for exponent in range(lowest, 1, 2):
        text = "1" if exponent == 0 else f"10^{exponent}"
        canvas.text((66, axes.point(0, exponent)[1] + 4), text, size=12, fill=SOFT, anchor="end")
    for number, (cell, values) in enumerate(gradients.items()):
        visible = [(place, value) for place, value in enumerate(values) if value >= lowest]
        axes.line(visible, stroke=COLORS[cell], width=2.5, dash=DASHES[cell])
        y = 64 + 26 * number
        canvas.line([(524, y), (554, y)], stroke=COLORS[cell], width=2.5, dash=DASHES[cell])
        canvas.text((562, y + 5), NAMES[cell], size=14)
    return canvas.svg()


# --- Gates over a text ------------------------------------------------------------------------------------------------


@dataclass
class Reading:
    """What an LSTM did while it read a text: its gates and memory cells, and the units that follow a property."""

    text: str
    loss: float
    gates: dict[str, Tensor]  # name -> (characters, units)
    chosen: dict[str, tuple[int, float]]  # property -> (unit, correlation)


def read_sources() -> Reading:
    """Train an LSTM on Python's standard library, and record its gates over a text that it has not seen."""
    text = gather_sources(READ_CHARACTERS)
    alphabet = sorted(set(text))
    numbers = {character: number for number, character in enumerate(alphabet)}
    data = torch.tensor([numbers[character] for character in text])
    held_out = 60_000
    torch.manual_seed(0)
    characters = Input(READ_STEPS, dtype="int64", name="characters")
    hidden, memory = Input(1, READ_HIDDEN), Input(1, READ_HIDDEN)
    output, (new_hidden, new_memory) = LSTM(READ_HIDDEN, name="cell")(
        Embedding(len(alphabet), 32)(characters), state=(hidden, memory)
    )
    logits = Linear(len(alphabet))(output)
    network = Model((characters, hidden, memory), (logits, new_hidden, new_memory))
    train_reader(network, data[:-held_out])
    network.eval()
    rest = data[-held_out:]
    zeros = torch.zeros(1, 1, READ_HIDDEN)
    with torch.no_grad():
        scores = network(rest[None, :-1], zeros, zeros)[0]
        loss = cross_entropy(scores[0], rest[1:]).item()
        vectors = network.get_submodule("embedding_1")(rest)
        gates = compute_gates(network.get_submodule("cell"), vectors)
    print(f"loss {loss:.3f}", flush=True)
    unseen = text[-held_out:]
    chosen = {kind: find_unit(gates["memory"], values) for kind, values in describe_text(unseen).items()}
    return Reading(unseen, loss, gates, chosen)


def gather_sources(count: int) -> str:
    """Return the ASCII text of modules of the standard library, in order of their names."""
    parts, total = [], 0
    for file in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        text = file.read_text("utf-8", errors="replace")
        if text.isascii():
            parts.append(text)
            total += len(text)
        if total >= count:
            break
    return "".join(parts)[:count]


def train_reader(network: Model, data: Tensor, rows: int = 32) -> None:
    """Train a network to predict the next character, with the state carried from window to window."""
    optimizer = torch.optim.AdamW(network.parameters(), 4e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, READ_UPDATES, pct_start=0.05)
    length = len(data) // rows
    columns = data[: rows * length].view(rows, length)
    state = (torch.zeros(rows, 1, READ_HIDDEN),) * 2
    began = time.process_time()
    for update in range(READ_UPDATES):
        start = update * READ_STEPS % (length - READ_STEPS - 1)
        window = columns[:, start : start + READ_STEPS + 1]
        optimizer.zero_grad()
        logits, *state = network(window[:, :-1], *state)
        loss = cross_entropy(logits.flatten(0, 1), window[:, 1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        state = [part.detach() for part in state]
        if update % 250 == 0:
            print(f"{update} {loss.item():.3f} {time.process_time() - began:.0f} s", flush=True)


def compute_gates(module: nn.Module, vectors: Tensor) -> dict[str, Tensor]:
    """Return the gates, the memory cell and the state of an LSTM at each step, by its equations.

    The rows of the weights are, in this order, those of the input gate, forget gate, candidate and output gate.
    """
    hidden = memory = torch.zeros(module.hidden_size)
    rows = []
    for vector in vectors @ module.weight_ih_l0.T + module.bias_ih_l0 + module.bias_hh_l0:
        write, forget, candidate, read = (vector + module.weight_hh_l0 @ hidden).chunk(4)
        write, forget, candidate, read = write.sigmoid(), forget.sigmoid(), candidate.tanh(), read.sigmoid()
        memory = forget * memory + write * candidate
        hidden = read * memory.tanh()
        rows.append((forget, write, memory, read))
    return {name: torch.stack(column) for name, column in zip(("forget", "write", "memory", "read"), zip(*rows))}


def describe_text(text: str) -> dict[str, Tensor]:
    """Return for each character whether it is in a string, in a comment, and its place in the line."""
    string, comment, place = [], [], []
    quote, in_comment, column = "", False, 0
    opened = 0  # where the string began
    for number, character in enumerate(text):
        if quote:
            string.append(1.0)
            is_end = text.endswith(quote, opened + len(quote), number + 1) and text[number - len(quote)] != "\\"
            if is_end or (character == "\n" and len(quote) == 1):
                quote = ""
        else:
            in_comment = (in_comment or character == "#") and character != "\n"
            if not in_comment and character in "\"'":
                quote = 3 * character if text.startswith(3 * character, number) else character
                opened = number
            string.append(1.0 if quote else 0.0)
        comment.append(float(in_comment))
        column = 0 if character == "\n" else column + 1
        place.append(float(min(column, 80)))
    return {"string": torch.tensor(string), "comment": torch.tensor(comment), "line": torch.tensor(place)}


def find_unit(memory: Tensor, values: Tensor) -> tuple[int, float]:
    """Return the unit whose memory cell correlates best with a property of the text, and the correlation."""
    centered = memory - memory.mean(0)
    target = values - values.mean()
    correlations = (centered * target[:, None]).sum(0) / (centered.norm(dim=0) * target.norm() + 1e-9)
    unit = int(correlations.abs().argmax())
    return unit, correlations[unit].item()


def choose_passage(reading: Reading, kind: str, length: int = 84) -> int:
    """Return the start of a passage at the beginning of a line, in which the property changes."""
    values = describe_text(reading.text)[kind]
    best, start = -1.0, 0
    for place in range(1000, len(reading.text) - length):
        if reading.text[place - 1] == "\n":
            part = values[place : place + length]
            passage = reading.text[place : place + length]
            share = part.gt(part.mean()).float().mean().item()
            changes = (part[1:] - part[:-1]).abs().gt(0.5).sum().item() if kind != "line" else passage.count("\n") * 2
            score = min(changes, 4) - 4 * abs(share - 0.45) - 0.15 * passage.count("  ")
            if score > best:
                best, start = score, place
    return start


def write_units(reading: Reading, words: dict[str, str]) -> str:
    """Return the table of the units that follow a property of the text."""
    head = f"| | {words['unit']} | {words['correlation']} |\n|---|---:|---:|"
    rows = [
        f"| {words[kind]} | {unit} | {localize(f'{correlation:+.2f}')} |"
        for kind, (unit, correlation) in reading.chosen.items()
    ]
    return "\n".join([head, *rows])


def draw_gates(reading: Reading, kind: str, words: dict[str, str]) -> str:
    """Draw the gates and the memory cell of one unit over a passage: one column for each character."""
    unit, correlation = reading.chosen[kind]
    start = choose_passage(reading, kind)
    length, width, left, top = 84, 9.4, 130, 52
    passage = reading.text[start : start + length]
    canvas = Canvas(left + width * length + 20, 250)
    title = f"{words['unit']} {unit}: {words[kind]} ({words['correlation']} {localize(f'{correlation:+.2f}')})"
    canvas.text((left, 22), title, size=14, bold=True)
    for number, character in enumerate(passage):
        visible = {"\n": "↵", " ": "·"}.get(character, character)
        canvas.text((left + width * (number + 0.5), top - 6), visible, size=11, anchor="middle",
                    fill=SOFT if character in "\n " else INK)  # fmt: skip
    memory = reading.gates["memory"][:, unit]
    scale = memory[start : start + length].abs().max().item()
    for row, name in enumerate(("forget", "write", "memory", "read")):
        y = top + 44 * row
        canvas.text((left - 10, y + 22), words[name], size=13, anchor="end", bold=name == "memory")
        values = reading.gates[name][start : start + length, unit].tolist()
        for number, value in enumerate(values):
            color = shade(value / scale) if name == "memory" else shade_gate(value)
            canvas.box((left + width * number, y), width + 0.3, 34, fill=color, stroke="none")
        canvas.box((left, y), width * length, 34, fill="none", stroke=SOFT)
    y = top + 44 * 4 + 14
    for number in range(60):
        canvas.box((left + 60 + 2 * number, y - 10), 2.2, 11, fill=shade_gate(number / 59), stroke="none")
        canvas.box((left + 360 + 2 * number, y - 10), 2.2, 11, fill=shade(number / 29.5 - 1), stroke="none")
    canvas.text((left + 52, y), words["closed"], size=12, anchor="end")
    canvas.text((left + 188, y), words["open"], size=12)
    canvas.text((left + 352, y), localize(f"{-scale:.1f}"), size=12, anchor="end")
    canvas.text((left + 488, y), localize(f"{scale:+.1f}"), size=12)
    return canvas.svg()


def shade_gate(value: float) -> str:
    """Return the color of a gate: white where it is closed, dark green where it is open."""
    return mix((255, 255, 255), (27, 94, 58), value)


def shade(value: float) -> str:
    """Return the color of a memory cell from -1 (blue) through 0 (white) to 1 (red)."""
    return mix((255, 255, 255), (178, 24, 43) if value > 0 else (33, 102, 172), min(1.0, abs(value)))


def mix(one: Sequence[int], other: Sequence[int], share: float) -> str:
    """Return the color that has this share of the second one."""
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(one, other))


# --- Drawings ---------------------------------------------------------------------------------------------------------


def draw_arrow(canvas: Canvas, points: Sequence[tuple[float, float]], stroke: str = INK, width: float = 1.8) -> None:
    """Draw a line with a head at its end."""
    canvas.line(points, stroke=stroke, width=width)
    (x0, y0), (x1, y1) = points[-2:]
    length = max(1e-9, ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    base = (x1 - 9 * dx, y1 - 9 * dy)
    canvas.polygon(
        [(x1, y1), (base[0] - 4.5 * dy, base[1] + 4.5 * dx), (base[0] + 4.5 * dy, base[1] - 4.5 * dx)], stroke
    )


def draw_unrolled(words: dict[str, str]) -> str:
    """Draw a recurrent cell with its loop, and the same cell unrolled over the steps of a word."""
    canvas = Canvas(820, 300)
    text = "hello"

    def draw_box(x: float, symbol: str, step: str) -> None:
        canvas.box((x, 110), 84, 64, fill="#e8f0fb", stroke=BLUE, round=8)
        canvas.text((x + 42, 147), words["cell"], size=14, anchor="middle", bold=True)
        draw_arrow(canvas, [(x + 42, 226), (x + 42, 177)])
        draw_arrow(canvas, [(x + 42, 107), (x + 42, 62)])
        canvas.text((x + 42, 246), symbol, size=16, anchor="middle", bold=True)
        canvas.text((x + 42, 50), f"h{step}", size=15, anchor="middle")

    draw_box(40, "x", "")
    canvas.line([(124, 142), (150, 142), (150, 86), (14, 86), (14, 142)], stroke=RED, width=1.8)
    draw_arrow(canvas, [(14, 142), (38, 142)], stroke=RED)
    canvas.text((14, 78), words["state"], size=13, fill=RED)
    canvas.text((182, 150), "=", size=28, anchor="middle")
    for step, symbol in enumerate(text):
        x = 240 + 118 * step
        draw_box(x, symbol, str(step + 1))
        draw_arrow(canvas, [(x - 34, 142), (x - 2, 142)], stroke=RED)
        canvas.text((x - 18, 134), f"h{step}", size=12, fill=RED, anchor="middle")
    caption = f"{words['time']} 1 ... {len(text)}: {words['same']}"
    canvas.text((240 + 118 * 2 + 42, 284), caption, size=13, anchor="middle", fill=SOFT)
    return canvas.svg()


def draw_cell(words: dict[str, str]) -> str:
    """Draw the inside of an LSTM cell: the memory cell from left to right, and the three gates."""
    canvas = Canvas(820, 400)
    canvas.box((120, 60), 560, 250, fill="#f7f9fc", stroke=RULE, round=14)
    # The memory cell.
    draw_arrow(canvas, [(40, 110), (760, 110)], stroke=BLUE, width=3)
    canvas.text((40, 96), "c(t-1)", size=14, fill=BLUE, bold=True)
    canvas.text((760, 96), "c(t)", size=14, fill=BLUE, bold=True, anchor="end")
    canvas.text((400, 92), words["memory"], size=13, fill=BLUE, anchor="middle")
    # What the gates read.
    canvas.line([(40, 280), (590, 280)], width=1.8)
    canvas.text((40, 270), "h(t-1), x(t)", size=14, bold=True)
    gates = (
        (220, "forget", "f", GREEN),
        (340, "write", "i", GREEN),
        (440, "candidate", "g", INK),
        (590, "read", "o", GREEN),
    )
    for x, name, letter, color in gates:
        draw_arrow(canvas, [(x, 280), (x, 248)])
        canvas.box((x - 42, 206), 84, 40, fill="#ffffff", stroke=color, round=6)
        canvas.text((x, 223), letter, size=15, anchor="middle", bold=True, fill=color)
        canvas.text((x, 239), words[name], size=11, anchor="middle", fill=SOFT)
    draw_arrow(canvas, [(220, 204), (220, 124)], stroke=GREEN)
    draw_operation(canvas, (220, 110), "x")
    draw_arrow(canvas, [(340, 204), (340, 176), (378, 168)], stroke=GREEN)
    draw_arrow(canvas, [(440, 204), (440, 176), (402, 168)])
    draw_operation(canvas, (390, 164), "x")
    draw_arrow(canvas, [(390, 151), (390, 124)])
    draw_operation(canvas, (390, 110), "+")
    canvas.line([(520, 110), (520, 140)], stroke=BLUE, width=1.8)
    canvas.box((496, 140), 48, 26, fill="#ffffff", stroke=INK, round=6)
    canvas.text((520, 158), "tanh", size=13, anchor="middle")
    draw_arrow(canvas, [(544, 153), (640, 153), (640, 164)])
    draw_arrow(canvas, [(590, 204), (590, 178), (627, 178)], stroke=GREEN)
    draw_operation(canvas, (640, 178), "x")
    draw_arrow(canvas, [(653, 178), (760, 178)])
    canvas.text((760, 168), "h(t)", size=14, bold=True, anchor="end")
    canvas.text((400, 352), "c(t) = f · c(t-1) + i · g", size=15, anchor="middle", fill=BLUE, bold=True)
    canvas.text((400, 378), "h(t) = o · tanh(c(t))", size=15, anchor="middle", bold=True)
    return canvas.svg()


def draw_operation(canvas: Canvas, at: tuple[float, float], symbol: str) -> None:
    """Draw a product or a sum of two numbers."""
    canvas.circle(at, 13, fill="#ffffff", stroke=INK, width=1.6)
    canvas.text((at[0], at[1] + 5), "×" if symbol == "x" else symbol, size=17, anchor="middle", bold=True)


if __name__ == "__main__":
    main()
