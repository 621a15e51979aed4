"""Names of points: letters without I, rows from below."""

import pytest

from axone.errors import UsageError
from axone.play.games.go import Go
from axone.play.games.go.coordinates import name_actions, parse_action


def test_names_leave_out_the_letter_i_and_count_rows_from_below():
    names = name_actions(9)
    assert names[0] == "A9" and names[8] == "J9" and names[80] == "J1" and names[81] == "pass" and len(names) == 82
    assert name_actions(19)[18] == "T19"


def test_each_name_is_read_back_in_any_case():
    for size in (5, 9, 19):
        assert [parse_action(name.lower(), size) for name in name_actions(size)] == list(range(size * size + 1))
    game = Go(9)
    assert game.parse_action(" d4 ") == 48 and game.describe_action(48) == "D4"


@pytest.mark.parametrize("text", ["I5", "A10", "K1", "A0", "", "55", "d 4"])
def test_a_name_that_is_none_is_refused(text):
    with pytest.raises(UsageError, match=r"A1 to J9[\s\S]*pass"):
        parse_action(text, 9)
