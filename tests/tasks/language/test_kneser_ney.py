"""Kneser-Ney n-grams against the same equations written with dictionaries, and as a probability."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from axone.tasks.language.kneser_ney import KneserNey


def oracle(text, size, order, held_out):
    """Return ln p of each symbol by the highest order, symbol by symbol, with dictionaries."""
    counts = {order: Counter(tuple(text[k : k + order]) for k in range(len(text) - order + 1))}
    for length in range(order - 1, 0, -1):
        longer = {tuple(text[k : k + length + 1]) for k in range(len(text) - length)}
        counts[length] = Counter(gram[1:] for gram in longer)
        for k in range(len(text) - length + 1):  # a gram that only begins the text precedes nothing
            counts[length].setdefault(tuple(text[k : k + length]), 0)
    discounts = {}
    for length, table in counts.items():
        n = Counter(table.values())
        share = n[1] / (n[1] + 2 * n[2]) if n[1] else 0.0
        steps = [0.0]
        for count in (1, 2, 3):
            value = count - (count + 1) * share * n[count + 1] / n[count] if n[count] else 0.1
            steps.append(min(max(value, 0.1), count - 0.1))
        discounts[length] = steps
    followers = {length: defaultdict(dict) for length in counts}
    for length, table in counts.items():
        for gram, count in table.items():
            followers[length][gram[:-1]][gram[-1]] = count

    def probability(context, symbol):
        lower = 1 / size if not context else probability(context[1:], symbol)
        length = len(context) + 1
        table = followers[length].get(tuple(context), {})
        total = sum(table.values())
        if not total:
            return lower
        taken = sum(discounts[length][min(count, 3)] for count in table.values())
        count = table.get(symbol, 0)
        return (max(count - discounts[length][min(count, 3)], 0) + taken * lower) / total

    return [np.log(probability(held_out[max(0, k - order + 1) : k], s)) for k, s in enumerate(held_out)]


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_the_arrays_compute_what_dictionaries_do(order):
    random = np.random.default_rng(1)
    text = random.choice(5, 400, p=[0.4, 0.3, 0.2, 0.07, 0.03])
    held_out = random.choice(6, 60)
    scores = KneserNey(text, 6, order).log_probabilities(held_out)
    assert scores.shape == (order, 60)
    expected = oracle(text.tolist(), 6, order, held_out.tolist())
    np.testing.assert_allclose(scores[-1], expected, rtol=1e-9)


def test_the_probabilities_of_all_symbols_add_up_to_one():
    random = np.random.default_rng(2)
    model = KneserNey(random.choice(4, 300), 6, 3)
    for context in ([0, 1], [3, 3], [5, 0], [1, 5]):
        total = sum(np.exp(model.log_probabilities(np.array([*context, symbol]))[-1, -1]) for symbol in range(6))
        assert total == pytest.approx(1)


def test_a_repeated_text_is_predicted_by_longer_grams():
    text = np.array([0, 1, 2, 0, 2, 1] * 50)
    losses = -KneserNey(text, 3, 4).log_probabilities(text).mean(1)
    assert losses[0] == pytest.approx(np.log(3), rel=0.01)
    assert losses[3] < 0.1 < losses[1]


def test_texts_shorter_than_the_order():
    scores = KneserNey(np.array([0, 1]), 3, 5).log_probabilities(np.array([0, 1, 2]))
    assert scores.shape == (5, 3) and np.isfinite(scores).all()
