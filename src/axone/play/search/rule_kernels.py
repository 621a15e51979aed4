"""The rules of selection as numba kernels; see `tree.py` for the arrays, `puct.py` and `gumbel.py` for the rules.

Scores are float64 here and float32 in the tensor operations.
"""

from __future__ import annotations

from math import exp, inf, log, sqrt

from numpy import ndarray

from axone.play.compilation import inlined, kernel


@kernel
def choose_puct(
    rows: ndarray,
    visits: ndarray,
    value_sums: ndarray,
    logits: ndarray,
    priors: ndarray,
    raw_values: ndarray,
    c: float,
    base: float,
    has_range: bool,
    low: float,
    high: float,
    chosen: ndarray,
) -> None:
    """Write the action with the highest PUCT score of each row."""
    actions = logits.shape[1]
    for place in range(len(rows)):
        row = rows[place]
        first = row * actions
        total, value_sum = 0.0, 0.0
        lowest, highest = inf, -inf
        for action in range(actions):
            count = visits[first + action]
            if count > 0:
                total += count
                value_sum += value_sums[first + action]
                value = value_sums[first + action] / count
                lowest, highest = min(lowest, value), max(highest, value)
        node_visits = total + 1
        if has_range:
            lowest, width = low, high - low
        else:
            node_value = (raw_values[row] + value_sum) / node_visits
            lowest, highest = min(lowest, node_value), max(highest, node_value)
            width = max(highest - lowest, 1e-8)
        weight = sqrt(node_visits) * (c + log((node_visits + base + 1) / base))
        best = -inf
        chosen[place] = 0
        for action in range(actions):
            if logits[row, action] == -inf:
                continue
            count = visits[first + action]
            score = weight * priors[row, action] / (count + 1)
            if count > 0:
                score += (value_sums[first + action] / count - lowest) / width
            if score > best:
                best = score
                chosen[place] = action


@inlined
def complete_values(
    row: int,
    visits: ndarray,
    value_sums: ndarray,
    priors: ndarray,
    raw_values: ndarray,
    maxvisit_init: float,
    value_scale: float,
    rescale: bool,
    completed: ndarray,
) -> float:
    """Write the completed and scaled estimates of one row's actions; return the sum of their visits."""
    actions = priors.shape[1]
    first = row * actions
    total, most, share, mean = 0.0, 0.0, 0.0, 0.0
    for action in range(actions):
        count = visits[first + action]
        if count > 0:
            prior = max(priors[row, action], 1.1754943508222875e-38)
            total += count
            most = max(most, count)
            share += prior
            mean += prior * (value_sums[first + action] / count)
    mixed = raw_values[row]
    if total > 0:
        mixed = (raw_values[row] + total * (mean / share)) / (total + 1)
    lowest, highest = inf, -inf
    for action in range(actions):
        count = visits[first + action]
        value = value_sums[first + action] / count if count > 0 else mixed
        completed[action] = value
        lowest, highest = min(lowest, value), max(highest, value)
    scale = (maxvisit_init + most) * value_scale
    for action in range(actions):
        if rescale:
            completed[action] = (completed[action] - lowest) / max(highest - lowest, 1e-8)
        completed[action] *= scale
    return total


@kernel
def choose_gumbel(
    rows: ndarray,
    visits: ndarray,
    value_sums: ndarray,
    logits: ndarray,
    priors: ndarray,
    raw_values: ndarray,
    maxvisit_init: float,
    value_scale: float,
    rescale: bool,
    completed: ndarray,
    chosen: ndarray,
) -> None:
    """Write the action of each row whose share of the visits is furthest below the improved policy."""
    actions = logits.shape[1]
    for place in range(len(rows)):
        row = rows[place]
        total = complete_values(
            row, visits, value_sums, priors, raw_values, maxvisit_init, value_scale, rescale, completed
        )
        largest, normalizer = -inf, 0.0
        for action in range(actions):
            completed[action] += logits[row, action]
            largest = max(largest, completed[action])
        for action in range(actions):
            completed[action] = exp(completed[action] - largest)
            normalizer += completed[action]
        best = -inf
        chosen[place] = 0
        for action in range(actions):
            score = completed[action] / normalizer - visits[row * actions + action] / (1 + total)
            if score > best and logits[row, action] > -inf:
                best = score
                chosen[place] = action


@kernel
def choose_gumbel_root(
    roots: ndarray,
    visits: ndarray,
    value_sums: ndarray,
    logits: ndarray,
    priors: ndarray,
    raw_values: ndarray,
    maxvisit_init: float,
    value_scale: float,
    rescale: bool,
    completed: ndarray,
    noise: ndarray,
    considered: ndarray,
    earlier_visits: ndarray,
    lowest_score: float,
    chosen: ndarray,
) -> None:
    """Write the best action of each root among those with the number of visits that the next simulation considers."""
    actions = logits.shape[1]
    for tree in range(len(roots)):
        row = roots[tree]
        complete_values(row, visits, value_sums, priors, raw_values, maxvisit_init, value_scale, rescale, completed)
        done, largest = 0.0, -inf
        for action in range(actions):
            done += visits[row * actions + action] - earlier_visits[tree, action]
            largest = max(largest, logits[row, action])
        considered_visits = considered[tree, min(int(done), considered.shape[1] - 1)]
        best = -inf
        chosen[tree] = 0
        for action in range(actions):
            if logits[row, action] == -inf:
                continue
            if visits[row * actions + action] - earlier_visits[tree, action] != considered_visits:
                continue
            score = max(noise[tree, action] + logits[row, action] - largest + completed[action], lowest_score)
            if score > best:
                best = score
                chosen[tree] = action
