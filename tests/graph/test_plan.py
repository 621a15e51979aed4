"""The steps of execution, the values that they free, and the steps that some values need."""

import torch

from axone.graph import Activation, AvgPool2d, Conv2d, Input, Linear, MaxPool2d
from axone.graph.plan import Step, build_plan, execute, find_required_steps, free_dead_values
from axone.graph.record import record_nodes


def plan_of(*outputs) -> list[Step]:
    inputs = []
    waiting = list(outputs)
    while waiting:
        node = waiting.pop()
        inputs += [node] if not node.inputs and node not in inputs else []
        waiting += node.inputs
    return build_plan(record_nodes(tuple(inputs), outputs)[0])


def test_each_step_calls_a_submodule_by_path_and_then_its_activation() -> None:
    x = Input(4)
    first, second = plan_of(Linear(2, activation="relu", name="block.0")(x))
    assert first == Step((), ())
    assert second.sources == (0,) and second.calls == (("block", "0"), torch.nn.functional.relu)
    assert second.is_monotonic and not second.takes_maximum


def test_a_linear_activation_is_no_call() -> None:
    assert plan_of(Linear(2, activation="linear", name="a")(Input(4)))[1].calls == (("a",),)


def test_a_separate_activation_is_one_monotonic_call() -> None:
    step = plan_of(Activation("relu", name="act")(Input(4)))[1]
    assert step.calls == (("act",),) and step.is_monotonic


def test_steps_know_which_rules_apply_to_them() -> None:
    x = Input(8, 9, 9)
    h = AvgPool2d(3, 1, 1)(MaxPool2d(2)(x))
    _input, maximum, mean, mixing, growing = plan_of(Conv2d(16, 1, bias=False)(Conv2d(4, 1, bias=False)(h)))
    assert maximum.takes_maximum and mean.takes_mean and mixing.mixes_channels
    assert not growing.mixes_channels  # it has more outputs than inputs, so to move it would cost more


def test_values_are_freed_after_their_last_reader_except_outputs() -> None:
    # 0 -> 1 -> 2 -> 3, and 3 also reads 1.
    steps = [Step((), ()), Step((0,), ()), Step((1,), ()), Step((2, 1), ())]
    assert [step.frees for step in free_dead_values(steps, outputs=[3])] == [(), (0,), (), (1, 2)]
    assert [step.frees for step in free_dead_values(steps, outputs=[1, 3])] == [(), (0,), (), (2,)]


def test_required_steps_are_the_ancestors_of_the_wanted_values() -> None:
    steps = [Step((), ()), Step((0,), ()), Step((0,), ()), Step((2, 1), ())]
    assert find_required_steps(steps, [2]) == {0, 2}
    assert find_required_steps(steps, [3]) == {0, 1, 2, 3}


def test_execution_computes_missing_values_in_order_and_frees_dead_ones() -> None:
    calls = []

    def resolve(call):
        calls.append(call)
        return {"double": lambda x: 2 * x, "add": lambda x, y: x + y}[call[0]]

    steps = [
        Step((), ()),
        Step((0,), (("double",),)),
        Step((1,), (("double",), ("double",))),
        Step((1, 2), (("add",),)),
    ]
    one = torch.ones(1)
    values = execute(free_dead_values(steps, outputs=[3]), {0: one}, resolve)
    assert {number: value.item() for number, value in values.items()} == {3: 2 + 8}
    assert calls == [("double",), ("double",), ("double",), ("add",)]
    values = execute(steps, {0: one}, resolve, required={0, 1})
    assert {number: value.item() for number, value in values.items()} == {0: 1, 1: 2}
