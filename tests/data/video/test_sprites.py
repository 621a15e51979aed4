import pytest
import torch

from axone.data.video.sprites import load_sprites, make_scenes, reflect, reflect_direction, render, resize_sprites


def make(seed=0, **options):
    sprites = torch.ones(1, 6, 6)
    values = {"scenes": 8, "observed": 5, "later": 7, "side": 16, **options}
    return make_scenes(sprites, torch.Generator().manual_seed(seed), **values)


def test_paths_are_reflected_at_the_walls():
    places = torch.tensor([0.0, 3.0, 10.0, 12.0, 20.0, 23.0, -1.0])
    assert reflect(places, 10.0).tolist() == [0.0, 3.0, 10.0, 8.0, 0.0, 3.0, 1.0]
    assert reflect_direction(torch.tensor([3.0, 12.0, 23.0, -1.0]), 10.0).tolist() == [1.0, -1.0, 1.0, -1.0]


def test_a_sprite_at_whole_pixels_is_copied_and_between_them_shared():
    sprite = torch.rand(1, 1, 3, 3)
    frame = render(sprite, torch.tensor([[[[2.0, 1.0]]]]), 8)[0, 0, 0]
    assert torch.equal(frame[2:5, 1:4], sprite[0, 0]) and frame.sum() == pytest.approx(float(sprite.sum()))
    half = render(sprite, torch.tensor([[[[2.0, 1.5]]]]), 8)[0, 0, 0]
    assert half[2, 1] == pytest.approx(float(sprite[0, 0, 0, 0]) / 2)
    outside = render(sprite, torch.tensor([[[[2.0, -9.0]]]]), 8)
    assert float(outside.sum()) == 0


def test_the_brighter_pixel_is_visible_where_sprites_overlap():
    sprites = torch.stack([torch.full((3, 3), 0.5), torch.full((3, 3), 0.8)])[None]
    frame = render(sprites, torch.zeros(1, 2, 1, 2), 6)
    assert frame.max() == pytest.approx(0.8) and frame[0, 0, 0, :3, :3].min() == pytest.approx(0.8)


def test_sprites_stay_inside_and_keep_their_light():
    scenes = make()
    assert scenes.frames.shape == (8, 12, 1, 16, 16) and scenes.straight.shape == (8, 7, 1, 16, 16)
    assert torch.allclose(scenes.frames.sum((2, 3, 4)), torch.tensor(36.0), atol=1e-3)
    # The straight line leaves the scene.
    assert float(scenes.straight.sum((2, 3, 4)).min()) < 35


def test_the_straight_line_is_right_until_the_wall():
    scenes = make(scenes=64)
    error = (scenes.frames[:, 5:] - scenes.straight).abs().amax((2, 3, 4))  # [scenes, later]
    assert float(error[:, 0].median()) < 1e-4 and float(error[:, -1].median()) > 0.1
    bounced = error > 1e-3
    assert not (bounced[:, :-1] & ~bounced[:, 1:]).all(1).any()


def test_scenes_are_a_function_of_the_generator():
    assert torch.equal(make(1).frames, make(1).frames) and not torch.equal(make(1).frames, make(2).frames)


def test_training_and_held_out_sprites_are_different_images():
    images = load_sprites()
    train = {image.numpy().tobytes() for image in images.train[:2000]}
    assert not train & {image.numpy().tobytes() for image in images.held_out[:2000]}
    small = resize_sprites(images.held_out[:5], 32)
    assert small.shape == (5, 14, 14) and float(small.min()) >= 0 and float(small.max()) <= 1
