"""Replays: frames, strips, films, and random numbers of their own."""

import io

import pytest
import torch
from PIL import Image

from axone.play.skirmish.battle import RUNNING
from axone.play.skirmish.scenarios import SCENARIOS
from axone.tasks.skirmish.replay import SIDE_OF_IMAGE, Replay, draw_strip
from tests.helpers.battles import build_tiny


def replay(seed=2, **options):
    _settings, experiment = build_tiny()
    return Replay(experiment.learner.network, SCENARIOS["3m"], seed, **options)


def test_a_replay_has_a_frame_of_each_moment_and_the_result():
    battle = replay()
    assert not battle.finished and battle.captions == ["step 0"] and "step 0" in battle.text()
    battle.play()
    assert battle.finished and battle.result != RUNNING and len(battle.frames) == battle.steps + 1
    assert battle.captions[-1] in battle.text() and battle.captions[-1] != f"step {battle.steps}"


def test_the_same_seed_is_the_same_battle_and_other_random_numbers_stay():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = replay(explore=True).play()
    _ = torch.rand(3)
    second = replay(explore=True).play()
    assert first.captions == second.captions and first.total == second.total
    assert first.frames[-1].tobytes() == second.frames[-1].tobytes()
    torch.set_rng_state(before)
    battle = replay(explore=True)
    state = torch.get_rng_state()
    battle.advance()
    assert torch.equal(torch.get_rng_state(), state)


def test_a_strip_shows_moments_of_the_part_of_the_map_where_the_battle_was():
    battle = replay().play()
    left, top, right, bottom = battle.find_box()
    assert right - left == pytest.approx(bottom - top, abs=1) and 0 <= left < right <= battle.frames[0].width
    strip = draw_strip(battle)
    assert strip.width > 3 * SIDE_OF_IMAGE and strip.height > 2 * SIDE_OF_IMAGE


@pytest.mark.parametrize(("video", "start"), [("gif", b"GIF89a"), ("mp4", b"ftyp")])
def test_a_battle_is_encoded_as_a_film(video, start):
    battle = replay()
    for _step in range(3):
        battle.advance()
    content = battle.encode(video)
    assert start in content[:12]
    if video == "gif":
        assert Image.open(io.BytesIO(content)).n_frames >= 4
