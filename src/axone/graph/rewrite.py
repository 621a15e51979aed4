"""A faster order with the same result: pool first, then apply the activation.

The largest of some numbers stays the largest under a function that never decreases:
max(f(a), f(b)) = f(max(a, b)). So f may wait until after the pooling, where a quarter of the numbers is left.
The gradient is the same too: it flows to the winner, multiplied by f' there. Where several numbers of a
window give the same f (all negative ones under ReLU), the winner may be another of them; f' is 0 there for
ReLU and for a sigmoid that has saturated, so nothing changes but, at most, which of two numbers that f rounds
to one value gets the gradient (and, where windows overlap, the rounding of a sum).

Padding does not spoil this: what is added is minus infinity, and each window holds a real number, which wins.

It applies where the pooling is the activation's only reader and the activation is not itself an output. Names,
file, summary and drawing keep the order as written, and `Model.activations` computes in it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from axone.graph.plan import Step


def rewritten(steps: Sequence[Step], outputs: Collection[int]) -> list[Step]:
    """Move each activation that can wait behind the max pooling (or poolings in a row) that follows it."""
    readers: dict[int, list[int]] = {}
    for number, step in enumerate(steps):
        for source in step.sources:
            readers.setdefault(source, []).append(number)
    result = list(steps)
    for number in range(len(steps)):
        step = result[number]
        reader = readers.get(number, [])
        if step.never_decreases and len(reader) == 1 and number not in outputs and result[reader[0]].takes_maximum:
            after = result[reader[0]]
            result[number] = step._replace(calls=step.calls[:-1], never_decreases=False)
            # The pooling now ends with the activation, which may move on behind the next pooling.
            result[reader[0]] = after._replace(calls=(*after.calls, step.calls[-1]), never_decreases=True)
    return result
