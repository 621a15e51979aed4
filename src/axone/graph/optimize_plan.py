"""A faster order of execution with the same result: operations wait until fewer numbers are left.

There are two rules. Names, file, summary and drawing keep the order as written, and `Model.activations` computes in it.

1. Pool first, then apply the activation. A monotonic function f commutes with the maximum: max(f(a), f(b)) =
   f(max(a, b)). So f can wait until after the pooling, which leaves a quarter of the numbers. The gradient is the same
   too: it flows to the largest input, multiplied by f' there. Where several numbers of a window have the same f (all
   negative ones under ReLU), another of them may be the largest; f' is 0 there for ReLU and for a saturated sigmoid, so
   nothing changes except, at most, which of two numbers that f rounds to one value receives the gradient (and, where
   windows overlap, the rounding of a sum). Padding does not interfere: it is minus infinity, and each window contains a
   real number, which is larger.
2. Mix channels first, then take means. A mean over a window and a weighted sum of channels are both linear, on
   different dimensions, so they commute (except for rounding); where the sum leaves fewer channels, fewer means are
   taken. Each block of Inception has such a branch. Means at "same" borders have other weights, but the same ones for
   all channels; a bias would be averaged with the surrounding zeros, so a convolution with a bias stays.

An activation moves only if the layer that follows is its only reader and it is not an output; the same holds for means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from axone.graph.plan import Step


def optimize_plan(steps: Sequence[Step], outputs: Collection[int]) -> list[Step]:
    """Move the steps' calls into the faster order; each step keeps its position and its sources."""
    result = list(steps)
    readers = Counter(source for step in steps for source in step.sources)
    read_once = {source for source, count in readers.items() if count == 1 and source not in outputs}
    for number, step in enumerate(result):
        if len(step.sources) != 1 or step.sources[0] not in read_once:
            continue
        before = result[step.sources[0]]
        if step.takes_maximum and before.is_monotonic:
            result[step.sources[0]] = before._replace(calls=before.calls[:-1], is_monotonic=False)
            # The pooling now ends with the activation, which can move on to after the next pooling.
            result[number] = step._replace(calls=(*step.calls, before.calls[-1]), is_monotonic=True)
        elif step.mixes_channels and before.takes_mean:
            product, *after = step.calls
            result[step.sources[0]] = before._replace(calls=(product,), takes_mean=False)
            result[number] = step._replace(calls=(*before.calls, *after), mixes_channels=False)
    return result
