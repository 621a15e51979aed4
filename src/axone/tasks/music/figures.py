"""Figures and tables of a composing network: compositions, baselines, rules of counterpoint, copies, surprises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import nn

from axone.data.notes.score import Frame, Piece
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.tasks.music.data import Music
from axone.tasks.music.drawings.engraving import draw_score
from axone.tasks.music.drawings.piano_roll import draw_piano_roll
from axone.tasks.music.generate import describe_faults
from axone.tasks.music.measures.baselines import MarkovChain
from axone.tasks.music.measures.copies import find_longest_copy
from axone.tasks.music.measures.counterpoint import Counterpoint, measure_counterpoint
from axone.tasks.music.predict import measure_surprises
from axone.tasks.music.sample import compose

SAMPLE_BARS = 8
COMPARED, COMPARED_BARS = 8, 16  # compositions that are compared with the training pieces, and their length
TEMPERATURE = 0.9
TRANSPOSED_STEPS = 1_000_000  # training steps in all keys together, up to which the Markov chain counts all keys


def make_figures(network: nn.Module, music: Music, objective: str, seed: int, final: bool) -> Iterator[Figure | Table]:
    """Draw a composition; if `final`, compare the network with a Markov chain, and its compositions with real music."""
    grid, bar = music.facts["grid"], music.facts["bar"]
    (frames,) = compose(
        network,
        SAMPLE_BARS * bar,
        bar,
        count=1,
        seed=seed,
        temperature=TEMPERATURE,
        most_notes=music.facts["most_notes"],
        purpose="check",
    )
    sample = as_piece(frames, bar, _("Composition"))
    fault = describe_faults(frames, grid)
    caption = _("Eight bars that the network composed, from the same random numbers at each check.")
    yield Figure("composition", _("Composition"), draw_piano_roll(sample, grid), f"{caption} {fault}".strip())
    if not final:
        return
    if score := draw_score(sample, grid):
        yield Figure("score", _("Composition as a score"), score)
    yield from compare_likelihoods(network, music)
    composed = compose(
        network,
        COMPARED_BARS * bar,
        bar,
        count=COMPARED,
        seed=seed,
        temperature=TEMPERATURE,
        most_notes=music.facts["most_notes"],
        purpose="compare",
    )
    real = [piece.frames for piece in music.pieces("train")]
    if music.facts["most_notes"] <= 4:
        yield from compare_counterpoint(measure_counterpoint(composed), measure_counterpoint(real))
    yield find_copies(composed, music)
    held_out = music.pieces("test") or music.pieces("validation")
    if held_out:
        yield from draw_surprises(network, held_out[0], grid)


def as_piece(frames: Sequence[Frame], bar: int, name: str) -> Piece:
    """Return composed steps as a piece that begins with a bar."""
    return Piece(tuple(frames), tuple(step % bar for step in range(len(frames))), name, bar)


def compare_likelihoods(network: nn.Module, music: Music) -> Iterator[Table]:
    """Compare the network with a Markov chain of chords on the same held-out pieces."""
    train = music.pieces("train")
    keys = (-5, 6) if 12 * sum(map(len, train)) <= TRANSPOSED_STEPS else (0, 0)
    chain = MarkovChain(train, keys)
    rows = []
    for split, name in (("validation", _("validation")), ("test", _("test"))):
        pieces = music.pieces(split)
        if pieces:
            total = sum(sum(measure_surprises(network, piece)[1]) for piece in pieces)
            nats = total / max(1, sum(map(len, pieces)))
            rows.append([name, round(nats, 3), round(chain.measure(pieces), 3)])
    if rows:
        columns = [_("pieces"), _("this network"), _("Markov chain of chords")]
        yield Table("baseline", _("Surprise in nats a step: lower is better"), columns, rows)


def compare_counterpoint(composed: Counterpoint, real: Counterpoint) -> Iterator[Table]:
    """Compare parallels and ranges of compositions with those of the training pieces, by the same measure."""
    columns = [_("music"), _("chords"), _("parallel fifths per 100 chords"), _("parallel octaves per 100 chords")]
    rows = [
        [name, one.chords, round(one.per_hundred(one.fifths), 2), round(one.per_hundred(one.octaves), 2)]
        for name, one in ((_("compositions"), composed), (_("training pieces"), real))
    ]
    yield Table("parallels", _("Parallel fifths and octaves"), columns, rows)
    rows = [
        [voice + 1, *own, *others]
        for voice, (own, others) in enumerate(zip(composed.ranges, real.ranges, strict=False))
    ]
    columns = [_("voice"), _("lowest, composed"), _("highest, composed"), _("lowest, training"), _("highest, training")]
    yield Table("ranges", _("Ranges of the voices (MIDI pitches; 60 is middle C)"), columns, rows)


def find_copies(composed: Sequence[Sequence[Frame]], music: Music) -> Table:
    """Find the longest passage of each composition, and of held-out pieces, that a training piece has, too."""
    train = music.pieces("train")
    known = [piece.frames for piece in train]
    grid = music.facts["grid"]
    listed = [(_("composition {number}", number=number + 1), frames) for number, frames in enumerate(composed)]
    listed += [(piece.name, piece.frames) for piece in music.pieces("test")[:2]]
    rows = []
    for name, frames in listed:
        copy = find_longest_copy(frames, known)
        rows.append([
            name, round(copy.steps / grid, 1), round(copy.start / grid, 1),
            train[copy.source].name if copy.source >= 0 else "", describe_faults(list(frames), grid),
        ])  # fmt: skip
    columns = [
        _("piece"),
        _("longest copy, in quarter notes"),
        _("from quarter note"),
        _("of the training piece"),
        _("note"),
    ]
    title = _("Longest passage that is in a training piece, too, in any key (held-out pieces last, for comparison)")
    return Table("copies", title, columns, rows)


def draw_surprises(network: nn.Module, piece: Piece, grid: int) -> Iterator[Figure]:
    """Draw a held-out piece with the surprise of each note."""
    of_notes, _of_steps = measure_surprises(network, piece)
    caption = _("{name}, held out. The redder a note, the less the network expected it.", name=piece.name)
    yield Figure("surprise", _("Surprise of each note"), draw_piano_roll(piece, grid, of_notes), caption)
    if score := draw_score(piece, grid, piece.name, of_notes, bars=16):
        yield Figure("surprise_score", _("Surprise of each note, in the score"), score, caption)
