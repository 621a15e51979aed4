"""Who takes part in peers_cnn.py, in the order of its table."""

from __future__ import annotations

from dataclasses import dataclass

PICTURES, TENSORS, AXONE = "plain-pictures", "plain-tensors", "axone"


@dataclass(frozen=True)
class Contender:
    """One contender: the function that runs it, its line in the table, and the modules it needs."""

    function: str  # "module:function" in contenders
    title: str
    needs: tuple[str, ...] = ()
    floor: bool = False  # measures steps, not epochs, and trains nothing
    default: bool = True  # takes part unless --only says otherwise


CONTENDERS = {
    PICTURES: Contender("plain:run_pictures", "(a) plain PyTorch loop, DataLoader, PIL image by image"),
    TENSORS: Contender("plain:run_tensors", "(b) plain PyTorch loop, DataLoader, ready tensors"),
    "skorch": Contender("skorch:run", "(c) skorch", ("skorch",)),
    "lightning": Contender("lightning:run", "(d) Lightning, ready tensors", ("lightning",)),
    "keras": Contender("keras:run", "(e) Keras on TensorFlow", ("keras", "tensorflow")),
    "floor-plain": Contender("floor:run_plain", "(f) floor: the arithmetic alone, plain layout, float32", floor=True),
    "floor-axone": Contender("floor:run_axone", "(f) floor: the arithmetic alone, Axone's layout", floor=True),
    AXONE: Contender("axone:run", "(g) **Axone**"),
    "axone-float32": Contender("axone:run_float32", "Axone with --precision float32", default=False),
}
