"""Numbers as text: their width, sign and decimals, and the lines of steps that are not plain gradient descent."""

import torch
from torch import nn

from axone import messages
from axone.tasks.neuron.step_text import (
    WIDTH,
    describe_training,
    fixed,
    format_answers_before,
    format_step,
    pad,
    signed,
)
from axone.tasks.neuron.trace import Example, Step, TrainingTrace


def make_step(neurons=1, columns=2, outputs=None):
    sums = torch.tensor([[0.5] * neurons, [-1.0] * neurons])
    return Step(torch.ones(2, columns), torch.tensor([1, 0]), sums, sums if outputs is None else outputs, sums,
                torch.tensor([0.25, 1.0]), sums, 0.1)  # fmt: skip


def make_trace(columns=("age", "weight"), classes=("child", "adult"), **options):
    scale = ([10.0] * len(columns), [2.0] * len(columns))
    trace = TrainingTrace(columns, classes, scale, batches=1, **options)
    network = nn.Linear(len(columns) or 1, 1)
    trace.record(network, torch.tensor(0.5))
    return trace, network


def test_numbers_have_a_fixed_form():
    assert (fixed(1.23456, 2), signed(0.5, 3), signed(-0.00001, 3)) == ("1.23", "+0.500", "+0.000")
    assert len(pad("short")) == len(pad("much longer than the width")) == WIDTH
    assert pad("much longer than the width").strip() == "much lon…"
    messages.use("fr")
    assert fixed(1.5, 1) == "1,5"


def test_a_training_is_described_in_numbers():
    assert describe_training(15, 5, 2) == (
        "n = 15 samples, batch size 5: 3 batches an epoch; 2 epochs: 6 updates of the weights."
    )
    assert describe_training(10, 50, 1) == (
        "n = 10 samples, batch size 10: 1 batch an epoch; 1 epoch: 1 update of the weights."
    )


def test_answers_before_training_name_the_examples():
    trace, _network = make_trace(examples=[Example(torch.zeros(2), 0, "child"), Example(torch.ones(2), 1, "adult")])
    assert format_answers_before(trace, lambda inputs: torch.tensor([[0.25]])) == (
        "Before training: child -> 0.25; adult -> 0.25."
    )
    assert "adult -> 0.75" in format_answers_before(trace, lambda inputs: torch.tensor([[0.25, 0.75]]))


def test_original_values_are_printed_with_the_standardized_ones():
    trace, network = make_trace()
    first = format_step(trace, make_step(), network).split("\n")[2].split()
    assert first[:4] == ["12", "12", "+1.000", "+1.000"]


def test_an_optimizer_that_is_not_plain_prints_gradients():
    trace, network = make_trace(is_plain=False)
    text = format_step(trace, make_step(), network)
    assert "∂ age" in text and "Δ" not in text and "update" not in text and "mean gradient" in text


def test_a_rescaled_output_is_printed_with_the_answer():
    trace, network = make_trace()
    heads = format_step(trace, make_step(outputs=torch.tensor([[0.1], [0.2]])), network).split("\n")[1]
    assert "output" in heads and "answer" in heads


def test_several_neurons_are_printed_without_gradients():
    trace, network = make_trace(columns=(), classes=("a", "b", "c"))
    heads, first = format_step(trace, make_step(neurons=3, columns=0), network).split("\n")[1:3]
    assert heads.split() == ["Σ", "a", "Σ", "b", "Σ", "c", "a", "b", "c", "target", "error"]
    assert first.split()[-2:] == ["b", "0.250"]
