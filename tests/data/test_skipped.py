"""A folder is refused when more than 5 % of its files cannot be used."""

from pathlib import Path

import pytest

from axone.data.skipped import check_skipped
from axone.errors import DataError


def test_five_percent_of_the_files_may_be_unusable():
    skipped = [(Path(f"{number}.png"), "it is damaged") for number in range(6)]
    check_skipped(Path("photos"), skipped[:5], 100)
    with pytest.raises(DataError) as caught:
        check_skipped(Path("photos"), skipped, 100)
    assert "6 of the 100 files in 'photos'" in str(caught.value)
    assert "4.png: it is damaged" in str(caught.value) and "... and 1 more" in str(caught.value)
