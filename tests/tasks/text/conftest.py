"""One trained run on reviews, for the tests of answers, explanations and figures."""

from __future__ import annotations

import pytest

from tests.helpers.data.texts import train_reviews


@pytest.fixture(scope="package")
def run(tmp_path_factory):
    return train_reviews(tmp_path_factory.mktemp("texts"), epochs=5, members=2)
