"""A faster order with the same result: what may wait does so until fewer numbers are left.

Two rules. Names, file, summary and drawing keep the order as written, and `Model.activations` computes in it.

1. Pool first, then apply the activation. The largest of some numbers stays the largest under a function that never
   decreases: max(f(a), f(b)) = f(max(a, b)). So f may wait until after the pooling, where a quarter of the numbers is
   left. The gradient is the same too: it flows to the winner, multiplied by f' there. Where several numbers of a
   window give the same f (all negative ones under ReLU), the winner may be another of them; f' is 0 there for
   ReLU and for a sigmoid that has saturated, so nothing changes but, at most, which of two numbers that f rounds
   to one value gets the gradient (and, where windows overlap, the rounding of a sum). Padding does not spoil this:
   what is added is minus infinity, and each window holds a real number, which wins.
2. Mix channels first, then take means. A mean of a window and a weighted sum of channels are both linear, on
   different dimensions, so their order does not matter (but for rounding); where the sum leaves fewer channels, the
   mean is taken of fewer. Inception's blocks have such a branch each. Means at "same" borders have other weights, but
   the same ones for all channels; a bias would be averaged with the zeros around, so a convolution with one stays.

An activation moves only where the one that follows is its only reader and it is not itself an output; so do means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from axone.graph.plan import Step


def rewritten(steps: Sequence[Step], outputs: Collection[int]) -> list[Step]:
    """Put the steps' calls in the faster order; each step keeps its place and its sources."""
    result = list(steps)
    readers = Counter(source for step in steps for source in step.sources)
    alone = {source for source, count in readers.items() if count == 1 and source not in outputs}
    for number, step in enumerate(result):
        if len(step.sources) != 1 or step.sources[0] not in alone:
            continue
        before = result[step.sources[0]]
        if step.takes_maximum and before.is_monotonic:
            result[step.sources[0]] = before._replace(calls=before.calls[:-1], is_monotonic=False)
            # The pooling now ends with the activation, which may move on behind the next pooling.
            result[number] = step._replace(calls=(*step.calls, before.calls[-1]), is_monotonic=True)
        elif step.mixes_channels and before.takes_mean:
            product, *after = step.calls
            result[step.sources[0]] = before._replace(calls=(product,), takes_mean=False)
            result[number] = step._replace(calls=(*before.calls, *after), mixes_channels=False)
    return result
