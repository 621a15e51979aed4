"""The recordings of a training: targets, splits, what is refused."""

from __future__ import annotations

import pytest

from axone.engine.context import BuildContext
from axone.errors import DataError
from axone.systems.speech import Settings
from axone.tasks.speech.data import CLASSES, SYMBOLS, choose_augmentation, read_recordings
from tests.helpers.data.recordings import tone, write_folder, write_wav


def write_table(folder, transcripts, seconds=0.4):
    lines = ["file,transcript"]
    for number, transcript in enumerate(transcripts):
        write_wav(folder / f"{number}.wav", tone(seconds, seed=number))
        lines.append(f"{number}.wav,{transcript}")
    (folder / "list.csv").write_text("\n".join(lines))
    return str(folder / "list.csv")


NEW = BuildContext()


def read(source, stride=4, context=NEW, **settings):
    return read_recordings(Settings(data=source, **settings), context, lambda frames: stride)


def test_folders_have_classes(tmp_path):
    data = read(str(write_folder(tmp_path, {"a": 10, "b": 10})), limit=8)
    assert data.facts["task"] == CLASSES and data.facts["classes"] == ["a", "b"]
    assert data.facts["samples"]["train"] <= 8
    batch = next(iter(data.training_stream(Settings(batch_size=4)).batches(1)))
    assert batch.inputs.shape[2] == data.facts["bands"] == 40
    assert set(batch.targets.tolist()) <= {0, 1}


def test_names_of_classes_may_be_transcripts(tmp_path):
    data = read(str(write_folder(tmp_path, {"12": 10, "21": 10})), task="symbols")
    assert data.facts["task"] == SYMBOLS and data.facts["symbols"] == ["1", "2"]
    assert sorted({tuple(each.tolist()) for each in data.targets}) == [(1, 2), (2, 1)]


def test_a_restored_run_keeps_its_symbols_and_its_stride(tmp_path):
    first = read(write_table(tmp_path, ["1", "2"] * 10), task="symbols", stride=2)
    again = read(write_table(tmp_path, ["1", "1"] * 10), stride=4, context=BuildContext(facts=first.facts))
    assert again.facts["symbols"] == ["1", "2"] and again.facts["stride"] == 2


def test_all_of_other_data_are_measured(tmp_path):
    first = read(write_table(tmp_path / "one", ["1", "2"] * 10), task="symbols")
    sentences = []
    context = BuildContext(facts=first.facts, whole=True, notify=sentences.append)
    other = read(write_table(tmp_path / "other", ["1", "2", "3"] * 4), context=context)
    assert other.facts["samples"] == {"train": 0, "validation": 0, "test": 12}
    assert "All 12 recordings" in sentences[0]
    assert any("cannot be recognized: 3" in note for note in other.notes)


def test_recordings_that_are_too_short_are_left_out_and_named(tmp_path):
    texts = ["12"] * 30
    texts[4] = "1" * 9
    data = read(write_table(tmp_path, texts, seconds=0.3), task="symbols")
    assert sum(data.facts["samples"].values()) == 29
    assert any("4.wav: 9 symbols need 17 steps, and it has 7 (of 4 frames)" in note for note in data.notes)


def test_too_many_short_recordings_are_an_error_with_what_to_type(tmp_path):
    with pytest.raises(DataError) as caught:
        read(write_table(tmp_path, ["121212121212"] * 20, seconds=0.3), task="symbols")
    assert "--stride 2" in str(caught.value)


def test_augmentation_can_be_switched_off():
    augmentation = choose_augmentation(Settings(speed=0, noise=0, masks=0))
    assert augmentation.speeds == (1.0,) and not augmentation.noise and not augmentation.time_masks
