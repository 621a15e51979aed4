import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import TypeCheckError

from axone.data.images import device_copies
from axone.data.images.dataset import ImageDataset, Subset
from axone.data.images.normalize import normalize
from axone.data.images.stream import ImageStream, ImageTransform


def images(count, channels=1, side=4):
    pixels = torch.randint(0, 256, (count, side, side, channels), dtype=torch.uint8)
    return pixels, torch.arange(count) % 3


def stream(count, **options):
    pixels, labels = images(count)
    return ImageStream.from_pixels(pixels, labels, **{"batch_size": 4, **options})


def test_a_batch_holds_the_images_that_its_index_names():
    pixels, labels = images(10, channels=3)
    for batch in ImageStream.from_pixels(pixels, labels, batch_size=4).batches(0):
        assert batch.inputs.shape[1:] == (3, 4, 4) and batch.inputs.dtype == torch.float32
        assert torch.allclose(batch.inputs, pixels[batch.index].permute(0, 3, 1, 2) / 255)
        assert torch.equal(batch.targets, labels[batch.index])
        assert batch.inputs.is_contiguous(memory_format=torch.channels_last)


def test_normalizes_per_channel():
    pixels, labels = images(6, channels=3)
    mean, std = (0.1, 0.2, 0.3), (0.5, 0.25, 2.0)
    stream = ImageStream.from_pixels(pixels, labels, batch_size=6, transform=ImageTransform(mean, std), shuffle=False)
    batch = next(stream.batches(0))
    by_hand = (pixels.double() / 255 - torch.tensor(mean)) / torch.tensor(std)
    assert torch.allclose(batch.inputs.double(), by_hand.permute(0, 3, 1, 2), atol=1e-5)
    assert torch.equal(batch.inputs, normalize(pixels, mean, std))


@settings(max_examples=500, deadline=None)
@given(
    count=st.integers(1, 12),
    batch_size=st.integers(1, 15),
    seed=st.integers(0, 2**63 - 1),
    epoch=st.integers(0, 1000),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
    augmented=st.booleans(),
    data=st.data(),
)
def test_stopped_and_resumed_is_the_same_as_never_stopped(
    count, batch_size, seed, epoch, shuffle, drop_last, augmented, data
):
    def noise(pixels, generator, epoch, index):
        return pixels ^ torch.randint(0, 256, pixels.shape, generator=generator, dtype=torch.uint8)

    def make_stream():
        pixels = torch.arange(count, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 2, 2, 1)
        return ImageStream.from_pixels(
            pixels,
            torch.arange(count),
            batch_size=batch_size,
            seed=seed,
            shuffle=shuffle,
            drop_last=drop_last,
            transform=ImageTransform(augment=noise if augmented else None),
        )

    whole = list(make_stream().batches(epoch))
    assert len(whole) == len(make_stream())
    stop = data.draw(st.integers(0, len(whole)))
    first = make_stream().batches(epoch)
    joined = [next(first) for _ in range(stop)] + list(make_stream().batches(epoch, start=stop))
    assert len(joined) == len(whole)
    for one, other in zip(joined, whole):
        assert all(torch.equal(a, b) for a, b in zip(one[:3], other[:3]))
    seen = torch.cat([batch.index for batch in joined]).tolist()
    assert len(seen) == len(set(seen)) == make_stream().samples
    if not drop_last or count < batch_size:
        assert sorted(seen) == list(range(count))


def test_the_order_changes_with_epoch_and_seed_only():
    orders = {tuple(stream(50, seed=seed).order(epoch).tolist()) for seed in range(3) for epoch in range(3)}
    assert len(orders) == 9
    assert torch.equal(stream(50, seed=1, batch_size=7).order(2), stream(50, seed=1, batch_size=3).order(2))
    assert stream(5, shuffle=False).order(3).tolist() == [0, 1, 2, 3, 4]


def test_global_random_state_is_neither_used_nor_changed():
    image_stream = stream(40, transform=ImageTransform(augment=lambda pixels, generator, epoch, index: pixels))
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = [batch.index for batch in image_stream.batches(0)]
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert all(torch.equal(a, b.index) for a, b in zip(first, image_stream.batches(0)))


@pytest.mark.parametrize(
    ("count", "drop_last", "batches", "samples"),
    [(10, False, 3, 10), (10, True, 2, 8), (8, True, 2, 8), (3, True, 1, 3)],
)
def test_the_length_is_the_number_of_batches(count, drop_last, batches, samples):
    image_stream = stream(count, drop_last=drop_last)
    assert (len(image_stream), image_stream.samples) == (batches, samples)
    assert sum(len(batch.index) for batch in image_stream.batches(0)) == samples


def test_an_image_is_read_as_it_occurs_in_an_epoch():
    def change(pixels, generator, epoch, index):
        return pixels ^ torch.randint(0, 256, pixels.shape, generator=generator, dtype=torch.uint8)

    image_stream = stream(11, drop_last=True, transform=ImageTransform(augment=change))
    for epoch in (1, 2):
        augmented = {int(i): x for batch in image_stream.batches(epoch) for i, x in zip(batch.index, batch.inputs)}
        assert len(augmented) == 8
        for image in range(11):
            seen = image_stream.read_image(image, epoch)
            assert (seen is None) == (image not in augmented)
            assert seen is None or torch.equal(seen, augmented[image])


def test_has_no_state_and_moves():
    image_stream = stream(5)
    assert image_stream.state_dict() == {}
    image_stream.load_state_dict({})
    assert image_stream.to("cpu") is image_stream
    moved = image_stream.to("meta")
    assert moved.pixels.device.type == "meta" and (moved.seed, moved.batch_size) == (
        image_stream.seed,
        image_stream.batch_size,
    )


def test_wrong_arguments_are_refused():
    pixels, labels = images(4)
    with pytest.raises(TypeCheckError):  # while tests run, the shapes are checked first
        ImageStream.from_pixels(pixels, labels[:3], batch_size=2)
    with pytest.raises(ValueError, match="batch_size"):
        ImageStream.from_pixels(pixels, labels, batch_size=0)
    with pytest.raises(ValueError, match="start"):
        next(ImageStream.from_pixels(pixels, labels, batch_size=2).batches(0, start=-1))


def test_streams_of_one_data_set_share_a_copy_on_a_device():
    pixels, labels = images(9)
    whole = ImageDataset.from_pixels(pixels, labels)
    first, second = (ImageStream(Subset(whole, torch.arange(*part)), batch_size=2) for part in ((6,), (6, 9)))
    assert first.pixels is second.pixels is whole.pixels
    assert first.to("meta").pixels is second.to("meta").pixels
    assert first.to("meta").to("meta").indices.tolist() == list(range(6))


def test_pixels_that_do_not_fit_on_a_device_stay_and_move_batch_by_batch(monkeypatch):
    monkeypatch.setattr(device_copies, "_fits", lambda pixels, device: False)
    unchanged = ImageTransform(augment=lambda pixels, generator, epoch, index: pixels)
    image_stream = stream(10, transform=unchanged).to("meta")
    assert (image_stream.pixels.device.type, image_stream.device.type) == ("cpu", "meta")
    batches = list(image_stream.batches(0))
    assert len(batches) == 3
    for batch in batches:
        assert {part.device.type for part in batch[:3]} == {"meta"} and batch.inputs.shape[1:] == (1, 4, 4)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("fits", [True, False])
def test_on_cuda_the_batches_are_the_same_wherever_the_pixels_are(monkeypatch, fits):
    monkeypatch.setattr(device_copies, "_fits", lambda pixels, device: fits)
    image_stream = stream(50, batch_size=8)
    moved = image_stream.to("cuda:0")
    assert moved.pixels.device.type == ("cuda" if fits else "cpu")
    for here, moved_batch in zip(image_stream.batches(3), moved.batches(3), strict=True):
        assert (
            moved_batch.inputs.device.type == moved_batch.targets.device.type == moved_batch.index.device.type == "cuda"
        )
        assert torch.allclose(here.inputs, moved_batch.inputs.cpu()) and torch.equal(
            here.targets, moved_batch.targets.cpu()
        )


def test_images_are_inspected_before_they_are_used():
    pixels, labels = images(10)
    seen = []

    def inspect(index, pixels):
        assert torch.equal(pixels, whole.pixels[index])
        seen.extend(index.tolist())

    dataset = ImageDataset.from_pixels(pixels, labels)
    whole = ImageDataset(dataset.pixels, dataset.labels, dataset.hashes, dataset.statistics, None, inspect)
    dataset = ImageStream(Subset(whole, torch.tensor([8, 3, 5])), batch_size=2, shuffle=False)
    list(dataset.batches(0))
    assert seen == [8, 3, 5]
    seen.clear()
    moved = dataset.to("meta")  # all of them, before the copies leave the processor
    assert seen == [8, 3, 5] and moved.verify is None
    list(moved.batches(0))
    assert len(seen) == 3
