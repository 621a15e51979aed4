"""The work along the paths as numba kernels; see `tree.py` for the arrays and `paths.py` for what they do."""

from __future__ import annotations

from math import exp, inf

from numpy import ndarray

from axone.play.compilation import kernel


@kernel
def follow(
    is_active: ndarray,
    roots: ndarray,
    choices: ndarray,
    children: ndarray,
    actions: int,
    end: int,
    end_edge: int,
    last: ndarray,
    births: ndarray,
) -> int:
    """Write the last edge of the path of each active tree, and the tree, the parent and the action of each new node.

    Returns:
        The number of new nodes.
    """
    count = 0
    for tree in range(len(roots)):
        last[tree] = end_edge
        if not is_active[tree]:
            continue
        row = roots[tree]
        while row != end and choices[row] != end_edge:
            last[tree] = choices[row]
            row = children[choices[row]]
        if last[tree] != end_edge and row == end:
            births[0, count] = tree
            births[1, count] = last[tree] // actions
            births[2, count] = last[tree] % actions
            count += 1
    return count


@kernel
def expand(
    trees: ndarray,
    parents_of_born: ndarray,
    actions_of_born: ndarray,
    rewards_of_born: ndarray,
    discounts_of_born: ndarray,
    logits_of_born: ndarray,
    values_of_born: ndarray,
    legal: ndarray,
    nodes: int,
    children: ndarray,
    parents: ndarray,
    rewards: ndarray,
    discounts: ndarray,
    terminal: ndarray,
    logits: ndarray,
    priors: ndarray,
    raw_values: ndarray,
    sizes: ndarray,
    returned: ndarray,
    born: ndarray,
) -> bool:
    """Link new nodes to their parents; write their rows, and what their trees' paths return.

    Returns:
        Whether all values and logits are finite; a logit may be minus infinity.
    """
    is_finite = True
    actions = logits.shape[1]
    for place in range(len(trees)):
        tree, parent = trees[place], parents_of_born[place]
        row = tree * nodes + sizes[tree]
        sizes[tree] += 1
        children[parent * actions + actions_of_born[place]] = row
        parents[row] = parent
        rewards[row] = rewards_of_born[place]
        discounts[row] = discounts_of_born[place]
        is_terminal = discounts_of_born[place] == 0
        terminal[row] = is_terminal
        value = 0.0 if is_terminal else values_of_born[place]
        raw_values[row] = value
        returned[tree] = value
        born[place] = row
        is_finite &= abs(value) < inf  # False for NaN
        largest, total = -inf, 0.0
        for action in range(actions):
            logit = logits_of_born[place, action]
            is_finite &= logit < inf
            logits[row, action] = -inf if is_terminal or not legal[place, action] else logit
            largest = max(largest, logits[row, action])
        for action in range(actions):
            is_possible = logits[row, action] > -inf
            priors[row, action] = exp(logits[row, action] - largest) if is_possible else 0.0
            total += priors[row, action]
        for action in range(actions):
            priors[row, action] /= max(total, 1.0)  # the largest is 1, and without legal actions all are 0
    return is_finite


@kernel
def back_up(
    last: ndarray,
    returned: ndarray,
    born: ndarray,
    actions: int,
    end: int,
    end_edge: int,
    choices: ndarray,
    children: ndarray,
    parents: ndarray,
    rewards: ndarray,
    discounts: ndarray,
    visits: ndarray,
    value_sums: ndarray,
    rows: ndarray,
) -> int:
    """Add a visit and what it returned to each edge of the paths; write their rows without the roots, and the new ones.

    Returns:
        The number of rows.
    """
    count = 0
    for tree in range(len(last)):
        edge, value = last[tree], returned[tree]
        while edge != end_edge:
            child = children[edge]
            value = rewards[child] + discounts[child] * value
            value_sums[edge] += value
            visits[edge] += 1
            row = edge // actions
            if parents[row] == row:
                break
            rows[count] = row
            count += 1
            edge = choices[parents[row]]
    for row in born:
        rows[count] = row
        count += 1
    return count


@kernel
def store_choices(
    rows: ndarray, chosen: ndarray, terminal: ndarray, actions: int, end: int, end_edge: int, choices: ndarray
) -> None:
    """Write the edge of the chosen action of each row; of a terminal row, that of `end`."""
    for place in range(len(rows)):
        row = rows[place]
        choices[row] = end_edge if terminal[row] else row * actions + chosen[place]
