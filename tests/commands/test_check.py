"""`axone check`: how worlds and games run."""

import pytest

from axone.commands.check import describe_body


@pytest.mark.parametrize(
    ("numba", "compiled", "text"),
    [
        (None, False, "tensor operations; kernels are faster, and need numba: pip install 'axone[play]'"),
        ("0.68.1", False, "kernels that are not compiled, and slow, because NUMBA_DISABLE_JIT is set (numba 0.68.1)"),
        ("0.68.1", True, "kernels, compiled by numba 0.68.1"),
    ],
)
def test_the_body_is_described(numba, compiled, text):
    assert describe_body(numba, compiled) == text
