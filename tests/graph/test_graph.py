"""The package: its public names, and the example in its docstring."""

import doctest

import axone.graph
from axone.graph.nodes.operation import KINDS


def test_the_example_in_the_docstring_prints_its_output() -> None:
    result = doctest.testmod(axone.graph)
    assert result.attempted > 8 and result.failed == 0


def test_public_names_exist_and_include_every_layer() -> None:
    assert len(set(axone.graph.__all__)) == len(axone.graph.__all__)
    assert all(hasattr(axone.graph, name) for name in axone.graph.__all__)
    assert set(KINDS) <= set(axone.graph.__all__)
