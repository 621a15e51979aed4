"""The longest copy, against a search of all parts."""

import random

import pytest

from axone.tasks.language.copies import find_longest_copy


def test_the_longest_part_is_found():
    copy = find_longest_copy(b"xx to be or not yy", b"whether to be or not, that is")
    assert copy.text == b" to be or not"
    assert (copy.start, copy.found_at) == (2, 7)


@pytest.mark.parametrize("seed", range(5))
def test_against_a_search_of_all_parts(seed):
    numbers = random.Random(seed)
    text, source = (bytes(numbers.choices(b"ab", k=length)) for length in (40, 90))
    longest = max((text[i:j] for i in range(40) for j in range(i, 41) if text[i:j] in source), key=len)
    copy = find_longest_copy(text, source)
    assert len(copy.text) == len(longest)
    assert text[copy.start :].startswith(copy.text) and source[copy.found_at :].startswith(copy.text)
    assert len(find_longest_copy(source, text).text) == len(longest)


def test_nothing_in_common():
    assert find_longest_copy(b"abc", b"xyz").text == b""
    assert find_longest_copy(b"", b"xyz").text == b""
    assert find_longest_copy(b"abc", b"abc").text == b"abc"
