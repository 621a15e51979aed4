"""A run of language_model as a guide of the search."""

from __future__ import annotations

import pytest

from axone.errors import AxoneError
from axone.tasks.speech.transcripts.language_scores import read_language_model


def test_a_run_that_does_not_exist_is_an_error(tmp_path):
    with pytest.raises(AxoneError):
        read_language_model("nowhere", ["a"], tmp_path)
