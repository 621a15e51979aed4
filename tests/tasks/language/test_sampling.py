"""Drawing symbols: temperature, nucleus, special symbols, and the same text from the same seed."""

from itertools import islice

import numpy as np

from axone.systems.language_model import Settings, model
from axone.tasks.language.sampling import draw_symbol, sample_symbols
from axone.tasks.language.steps import find_step_model

LOGITS = np.log(np.array([0.9, 0.9, 0.5, 0.3, 0.15, 0.05], np.float32))


def draw(count=4000, **options):
    random = np.random.default_rng(0)
    drawn = [
        draw_symbol(LOGITS, options.get("temperature", 1.0), options.get("top_p", 1.0), random) for _ in range(count)
    ]
    return np.bincount(drawn, minlength=6) / count


def test_symbols_have_the_probabilities_of_the_model():
    np.testing.assert_allclose(draw(), [0, 0, 0.5, 0.3, 0.15, 0.05], atol=0.03)


def test_temperature_sharpens_and_zero_takes_the_likeliest():
    np.testing.assert_allclose(draw(temperature=0.5)[2:], np.array([0.25, 0.09, 0.0225, 0.0025]) / 0.365, atol=0.03)
    assert draw(20, temperature=0.0)[2] == 1


def test_the_nucleus_leaves_out_unlikely_symbols():
    np.testing.assert_allclose(draw(top_p=0.79)[2:], [0.625, 0.375, 0, 0], atol=0.03)
    assert draw(50, top_p=1e-9)[2] == 1


def test_the_text_depends_on_the_seed_alone():
    steps = find_step_model(model(Settings(units=5, embedding=4), {"vocabulary": {"size": 9}}))

    def sample(seed):
        return list(islice(sample_symbols(steps, [1], temperature=1.0, top_p=0.9, seed=(seed,)), 50))

    assert sample(1) == sample(1) != sample(2)
    assert min(sample(1)) >= 2
