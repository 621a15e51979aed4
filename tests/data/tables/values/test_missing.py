"""Words that mean a missing value."""

import polars

from axone.data.tables.values.missing import MISSING_NUMBERS, MISSING_WORDS, is_text, read_texts


def test_words_become_null_in_any_case():
    values = polars.Series("c", [" a ", "NA", "null", "-", "", None])
    assert read_texts(values, MISSING_NUMBERS).to_list() == ["a", None, None, None, None, None]
    assert read_texts(values, MISSING_WORDS).to_list() == ["a", None, None, "-", None, None]
    assert read_texts(values, [""]).to_list() == ["a", "NA", "null", "-", None, None]


def test_texts_and_categories_are_texts():
    assert is_text(polars.Series(["a"])) and is_text(polars.Series(["a"], dtype=polars.Categorical))
    assert is_text(polars.Series([None])) and not is_text(polars.Series([1]))
