"""From settings to what a denoiser learns from: known sets, folders of any sizes, pairs; what goes wrong, in words."""

import numpy as np
import pytest
import torch
from PIL import Image

from axone.data.images.load import load_images
from axone.engine.context import BuildContext
from axone.engine.learner import Learner
from axone.errors import DataError, SettingsError
from axone.settings import read_flags, resolve
from axone.tasks.restoration.data import experiment
from axone.tasks.restoration.settings import RestorationSettings
from tests.helpers.images import noise


class Idle(Learner):
    """Learns nothing."""

    def __init__(self):
        self.network = torch.nn.Identity()


def made(context=None, **given):
    settings = resolve(RestorationSettings, given)
    return experiment(settings, context or BuildContext(), lambda facts: Idle())


def write(folder, count, *sizes, seed=0):
    folder.mkdir(parents=True)
    for number in range(count):
        pixels = noise(*sizes[number % len(sizes)], seed=seed + number)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
    return folder


def test_a_known_set_is_shown_whole():
    found = made(limit=200, validation=0.2)
    assert found.facts["input"] == [1, 28, 28] and found.train.whole_images
    assert found.facts["samples"] == {"train": 160, "validation": 40, "test": len(load_images().test)}
    targets = torch.cat([batch.targets for batch in found.test.batches(1)])
    assert torch.equal((targets[:, 0] * 255).round().byte(), load_images().test.pixels[..., 0])


def test_training_and_validation_share_no_picture():
    found = made(limit=300, validation=0.3)
    seen, held = (set(stream.indices.tolist()) for stream in (found.train, found.validation))
    assert len(seen) == 210 and len(held) == 90 and not seen & held


def test_a_folder_of_mixed_sizes_is_cut_in_pieces(tmp_path):
    found = made(data=str(write(tmp_path / "photos", 12, (90, 70), (40, 130), (70, 200))), pieces=300)
    assert found.facts["input"] == [3, 64, 64] and not found.train.whole_images and found.train.patches >= 300
    assert sum(found.facts["samples"].values()) == 12 and found.facts["samples"]["test"] == 2
    assert next(iter(found.train.batches(1))).inputs.shape == (128, 3, 64, 64)
    assert any("from 130 x 40 to 200 x 70" in note for note in found.notes)
    assert any("Pieces of 64 x 64" in note for note in found.notes)


def test_pieces_are_no_larger_than_half_of_the_pictures_allow(tmp_path):
    assert made(data=str(write(tmp_path / "a", 9, (40, 50)))).facts["input"] == [3, 40, 40]
    assert made(data=str(write(tmp_path / "b", 9, (40, 50))), image_size=24).facts["input"] == [3, 24, 24]
    assert made(data=str(write(tmp_path / "c", 9, (5, 7)))).facts["input"] == [3, 16, 16]


def test_a_single_picture_is_learned_from_and_nothing_is_measured(tmp_path):
    found = made(data=str(write(tmp_path / "one", 1, (30, 30))))
    assert found.validation is None and found.test is None and len(found.train) == 1
    assert any("too few" in note for note in found.notes)


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_a_folder_without_pictures_is_refused(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=name):
        made(data=str(tmp_path / name))


def test_pairs_bring_their_own_noise(tmp_path):
    clean, noisy = (
        write(tmp_path / "clean", 10, (20, 20), (33, 20)),
        write(tmp_path / "noisy", 10, (20, 20), (33, 20), seed=50),
    )
    found = made(data=str(clean), noisy=str(noisy), image_size=16)
    sizes = [((20, 20), (33, 20))[number % 2] for number in range(10)]
    partners = [(noise(*size, seed=number), noise(*size, seed=50 + number)) for number, size in enumerate(sizes)]
    batch = next(iter(found.test.batches(1)))
    true, spoilt = ((each[0].permute(1, 2, 0) * 255).round().byte().numpy() for each in (batch.targets, batch.inputs))
    places = [
        (partner, top, left)
        for original, partner in partners
        for top in range(len(original) - 15)
        for left in range(5)
        if np.array_equal(original[top : top + 16, left : left + 16], true)
    ]
    ((partner, top, left),) = places
    assert np.array_equal(partner[top : top + 16, left : left + 16], spoilt)
    assert any("not used" in note for note in found.notes)


def test_pairs_need_folders():
    with pytest.raises(DataError, match="--noisy needs --data to be a folder"):
        made(noisy="somewhere/")


def test_other_pictures_are_measured_with_the_channels_that_a_run_knows(tmp_path):
    context = BuildContext(facts={"input": [1, 64, 64]})
    photos = str(write(tmp_path / "photos", 8, (20, 20)))
    assert made(context, data=photos).facts["input"] == [1, 20, 20]


def test_the_fingerprint_sees_one_changed_picture_and_one_changed_partner(tmp_path):
    clean, noisy = write(tmp_path / "clean", 8, (20, 20)), write(tmp_path / "noisy", 8, (20, 20), seed=50)

    def mark():
        return made(data=str(clean), noisy=str(noisy)).facts["fingerprint"]

    marks = [mark()]
    assert mark() == marks[0]
    Image.fromarray(noise(20, 20, seed=99)).save(noisy / "03.png")
    marks.append(mark())
    Image.fromarray(noise(20, 20, seed=98)).save(clean / "03.png")
    marks.append(mark())
    assert len(set(marks)) == 3


def test_the_settings_as_they_are_typed():
    given = read_flags(RestorationSettings, ["--noise", "gaussian,salt-pepper", "--noise-level", "0.05,0.5"])
    found = resolve(RestorationSettings, given)
    assert found.noise == ("gaussian", "salt-pepper") and found.noise_level == (0.05, 0.5)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["--noise", "grain"], "expected one of: gaussian, salt-pepper"),
        (["--noise", "blur,blur"], "twice"),
        (["--noise-level", "0.5,0.1"], "highest level first"),
        (["--noise-level", "2"], "numbers with commas"),
        (["--noise-level", "0.1,0.2,0.3"], "numbers with commas"),
        (["--noise-level", "a"], "numbers with commas"),
        (["--image-size", "8"], "16 to 512"),
    ],
)
def test_wrong_settings_are_refused_in_words(typed, words):
    with pytest.raises(SettingsError) as raised:
        resolve(RestorationSettings, read_flags(RestorationSettings, typed))
    assert words in str(raised.value)
