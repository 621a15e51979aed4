"""How long a training takes, by the number of recordings."""

from __future__ import annotations

from axone.systems.speech import Settings
from axone.tasks.speech.defaults import choose_training
from tests.helpers.data.recordings import write_folder


def test_few_recordings_have_small_batches_and_more_epochs(tmp_path):
    few = choose_training(Settings(data=str(write_folder(tmp_path / "few", {"a": 10, "b": 10}))))
    many = choose_training(Settings(data="synthetic-words"))
    assert few["batch_size"] < many["batch_size"]
    assert few["epochs"] > many["epochs"]


def test_what_is_set_explicitly_counts(tmp_path):
    folder = str(write_folder(tmp_path / "few", {"a": 10, "b": 10}))
    chosen = choose_training(Settings(data=folder, batch_size=64))
    assert chosen["batch_size"] == 64


def test_missing_data_are_left_to_the_reading():
    assert choose_training(Settings(data="/nowhere")) == {}
