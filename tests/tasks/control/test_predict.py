"""Observations that a person writes: numbers, lines of a file, arrays; and what is none."""

import numpy as np
import pytest

from axone.errors import DataError
from axone.tasks.control.predict import ChosenAction, read_inputs, read_observation

FACTS = {"input": [2]}


@pytest.mark.parametrize("source", ["1, 2.5", "1 2.5", [1, 2.5], (1.0, 2.5), np.array([1, 2.5])])
def test_one_observation(source):
    inputs, single = read_inputs(source, FACTS)
    assert single and len(inputs) == 1
    assert read_observation(inputs[0], (2,)).tolist() == [1.0, 2.5]


def test_files_have_several(tmp_path):
    (tmp_path / "some.csv").write_text("1,2\n\n3,4\n")
    np.save(tmp_path / "some.npy", np.arange(6.0).reshape(3, 2))
    assert read_inputs(tmp_path / "some.csv", FACTS) == (["1,2", "3,4"], False)
    inputs, single = read_inputs(str(tmp_path / "some.npy"), FACTS)
    assert not single and [one.tolist() for one in inputs] == [[0, 1], [2, 3], [4, 5]]
    assert len(read_inputs(np.zeros((4, 2)), FACTS)[0]) == 4
    with pytest.raises(DataError, match="There is no file"):
        read_inputs(tmp_path / "none.npy", FACTS)
    (tmp_path / "wrong.npy").write_bytes(b"nothing")
    with pytest.raises(DataError, match="cannot be read"):
        read_inputs(tmp_path / "wrong.npy", FACTS)


@pytest.mark.parametrize("source", ["1", "a b", "1,nan", [[1, 2], [3, 4]], "", None])
def test_what_is_no_observation(source):
    with pytest.raises(DataError):
        read_observation(source, (2,))


def test_the_answer_ranks_choices():
    answer = ChosenAction("left", {"left": 0.75, "right": 0.25}, 1.5)
    assert answer.text() == "left 75.0\u202f%; value 1.5"
    assert answer.with_top(2).text() == "left 75.0\u202f%, right 25.0\u202f%; value 1.5"
    assert ChosenAction([0.5, -1.0], {}, 2.0).text() == "0.5 -1; value 2"
