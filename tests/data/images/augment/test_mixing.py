"""Images and labels are blended alike: by hand, pixel by pixel, and through the classifier's loss."""

import pytest
import torch
import torch.nn.functional as functional
from scipy import stats

from axone.data.images.augment.mixing import choose_mix, cutmix, draw_beta, mixup
from axone.data.images.stream import Batch, ImageStream, ImageTransform
from axone.data.random import make_generator
from axone.engine.learner import TrainingContext
from axone.tasks.classification.learner import Classifier
from axone.tasks.classification.settings import ImageClassificationSettings

INPUTS = torch.randn(40, 3, 9, 8, generator=make_generator("mix")).to(memory_format=torch.channels_last)


@pytest.mark.parametrize("concentration", [0.2, 1.0, 4.0])
def test_weights_are_distributed_as_beta(concentration):
    drawn = draw_beta(4000, concentration, make_generator(1))
    assert drawn.min() >= 0 and drawn.max() <= 1
    assert stats.kstest(drawn.double().numpy(), stats.beta(concentration, concentration).cdf).pvalue > 0.01
    assert torch.equal(drawn, draw_beta(4000, concentration, make_generator(1)))
    assert not torch.equal(drawn, draw_beta(4000, concentration, make_generator(2)))


def test_mixup_is_the_weighted_sum_of_two_images():
    mixed = mixup(1.0)(INPUTS, make_generator(3))
    assert sorted(mixed.partner.tolist()) == list(range(40))
    assert mixed.inputs.is_contiguous(memory_format=torch.channels_last)
    for own, mixed_image, partner, share in zip(INPUTS, mixed.inputs, mixed.partner, mixed.own_share.tolist()):
        assert torch.allclose(mixed_image, share * own + (1 - share) * INPUTS[partner], atol=1e-5)


def test_cutmix_pastes_a_rectangle_and_weighs_what_remains():
    mixed = cutmix(1.0)(INPUTS, make_generator(4))
    assert mixed.inputs.is_contiguous(memory_format=torch.channels_last)
    covered = torch.zeros(9, 8)
    for own, mixed_image, partner, share in zip(INPUTS, mixed.inputs, mixed.partner, mixed.own_share.tolist()):
        other = INPUTS[partner]
        pasted = ((mixed_image == other) & (own != other)).all(0)
        assert torch.equal(mixed_image, torch.where(pasted, other, own))
        if not torch.equal(own, other):
            assert share == pytest.approx(1 - pasted.float().mean().item(), abs=1e-6)
        assert pasted.sum() == pasted.any(0).sum() * pasted.any(1).sum()  # a full rectangle
        covered += pasted
    assert covered.min() > 0


def test_choose_mix_uses_all_methods():
    way = choose_mix(mixup(1.0), cutmix(1.0))
    methods = {
        name
        for seed in range(20)
        for name, one in (("mixup", mixup(1.0)), ("cutmix", cutmix(1.0)))
        if (way(INPUTS, make_generator(seed)).inputs - one_after_the_coin(one, seed)).abs().max() == 0
    }
    assert methods == {"mixup", "cutmix"}


def one_after_the_coin(one, seed):
    generator = make_generator(seed)
    torch.randint(2, (), generator=generator)
    return one(INPUTS, generator).inputs


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("way", [mixup(1.0), cutmix(1.0)])
def test_the_loss_is_the_mixture_of_both_losses_by_hand(way, smoothing):
    pixels = torch.randint(0, 256, (12, 4, 4, 1), dtype=torch.uint8)
    labels = torch.arange(12) % 5
    batch = next(ImageStream.from_pixels(pixels, labels, batch_size=12, transform=ImageTransform(mix=way)).batches(1))
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(16, 5))
    logits = network(batch.inputs).detach().double()
    learner = Classifier(network, ImageClassificationSettings(label_smoothing=smoothing, precision="float32"))
    learner.prepare(TrainingContext(torch.device("cpu"), torch.float32, 1))
    targets = torch.zeros(12, 5, dtype=torch.float64)
    for row in range(12):
        share = float(batch.own_share[row])
        targets[row, batch.targets[row]] += share
        targets[row, batch.partner_targets[row]] += 1 - share
    targets = targets * (1 - smoothing) + smoothing / 5
    expected = -(targets * functional.log_softmax(logits, 1)).sum(1).mean()
    assert learner.train_step(batch)["loss"].item() == pytest.approx(expected.item(), rel=1e-5)


def test_partner_targets_are_the_classes_of_the_partners():
    pixels = torch.arange(10, dtype=torch.uint8).view(10, 1, 1, 1).expand(10, 2, 2, 1)  # the value is the label
    stream = ImageStream.from_pixels(pixels, torch.arange(10), batch_size=10, transform=ImageTransform(mix=mixup(1.0)))
    batch = next(stream.batches(3))
    assert isinstance(batch, Batch) and batch.partner_targets is not None
    blended = batch.own_share * batch.targets + (1 - batch.own_share) * batch.partner_targets
    assert torch.allclose(batch.inputs[:, 0, 0, 0] * 255, blended, atol=1e-4)
