"""The contenders of peers_cnn.py, in the order of its table."""

from __future__ import annotations

from dataclasses import dataclass

IMAGES, TENSORS, AXONE = "plain-images", "plain-tensors", "axone"


@dataclass(frozen=True)
class Contender:
    """One contender: the function that runs it, its line in the table, and the modules it needs."""

    function: str  # "module:function" in contenders
    title: str
    needs: tuple[str, ...] = ()
    floor: bool = False  # a lower bound: measures steps on one batch, without training
    default: bool = True  # measured when --only is not used


CONTENDERS = {
    IMAGES: Contender("plain:run_images", "(a) plain PyTorch loop, DataLoader over PIL images"),
    TENSORS: Contender("plain:run_tensors", "(b) plain PyTorch loop, DataLoader over tensors in memory"),
    "skorch": Contender("skorch:run", "(c) skorch", ("skorch",)),
    "lightning": Contender("lightning:run", "(d) Lightning, tensors in memory", ("lightning",)),
    "keras": Contender("keras:run", "(e) Keras on TensorFlow", ("keras", "tensorflow")),
    "floor-plain": Contender("floor:run_plain", "(f) lower bound: computation only, plain layout, float32", floor=True),
    "floor-axone": Contender("floor:run_axone", "(f) lower bound: computation only, Axone's layout", floor=True),
    AXONE: Contender("axone:run", "(g) **Axone**"),
    "axone-float32": Contender("axone:run_float32", "Axone with --precision float32", default=False),
}
