from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from auxjepa.data.loading.augment import MEAN, STD, Augment, crop, denormalise, normalise


def _clips(b: int = 4, f: int = 3, x: int = 16, y: int = 20, seed: int = 0) -> torch.Tensor:
    return torch.randint(0, 256, (b, f, x, y, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_normalise_equals_its_definition_and_can_be_undone() -> None:
    clips = _clips()
    expected = (clips.double() / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    out = normalise(clips)
    assert out.dtype == torch.float32 and out.is_contiguous()
    assert torch.allclose(out, expected.permute(0, 4, 1, 2, 3).float(), atol=1e-5)
    assert torch.equal(denormalise(out), clips)


def test_without_arguments_nothing_is_random() -> None:
    clips, generator = _clips(), _generator()
    before = generator.get_state()
    assert torch.equal(Augment()(clips, generator), normalise(clips))
    assert torch.equal(generator.get_state(), before)
    assert torch.equal(Augment(crop_area=(1.0, 1.0), crop_aspect=(0.5, 2.0))(clips, None), normalise(clips))


def test_a_crop_equals_cutting_and_enlarging() -> None:
    pixels = torch.randn(1, 3, 2, 16, 16, generator=_generator())
    out = crop(pixels, torch.tensor([[0.25, 0.5, 0.5, 0.5]]))
    # Away from the border of the cut, where the reference cannot look beyond it.
    wide = F.interpolate(pixels[0], scale_factor=2, mode="bilinear", align_corners=False)
    assert torch.allclose(out[0], wide[:, :, 8:24, 16:32], atol=1e-5)
    full = torch.tensor([[0.0, 0.0, 1.0, 1.0]])
    assert torch.allclose(crop(pixels, full), pixels, atol=1e-5)
    assert torch.allclose(crop(pixels, full, torch.tensor([True])), pixels.flip(-1), atol=1e-5)


def test_one_box_for_all_frames_of_a_clip() -> None:
    still = _clips(b=5, f=1).expand(-1, 4, -1, -1, -1).contiguous()
    out = Augment((0.3, 0.6), flip=True)(still, _generator())
    assert torch.equal(out, out[:, :, :1].expand_as(out))
    assert not torch.equal(out[0], out[1])


def test_flips_are_whole_clips_and_half_of_them() -> None:
    clips = _clips(b=200, f=2, x=4, y=6)
    out, plain = Augment(flip=True)(clips, _generator()), normalise(clips)
    same = (out == plain).flatten(1).all(1)
    mirrored = (out == plain.flip(-1)).flatten(1).all(1)
    assert bool((same ^ mirrored).all())
    assert 70 < int(mirrored.sum()) < 130


def test_boxes_have_the_intended_distribution() -> None:
    top, left, height, width = Augment((0.3, 1.0), (0.75, 1.35)).boxes(20000, _generator()).double().unbind(1)
    area, aspect = height * width, width / height
    assert (
        (top >= 0).all() and (left >= 0).all() and (top + height <= 1 + 1e-6).all() and (left + width <= 1 + 1e-6).all()
    )
    assert area.min() > 0.299 and area.max() <= 1 and aspect.min() > 0.749 and aspect.max() < 1.351
    # Small boxes always fit, so that they are free of the redrawing: uniform in area and in the log of the aspect.
    small = area < 0.55
    assert (small & (area < 0.425)).sum() / small.sum() == pytest.approx(0.5, abs=0.02)
    middle = (math.log(0.75) + math.log(1.35)) / 2
    assert (aspect[small].log() < middle).double().mean() == pytest.approx(0.5, abs=0.02)
    assert (top / (1 - height)).mean() == pytest.approx(0.5, abs=0.02)


def test_a_box_that_never_fits_is_cut_to_the_frame() -> None:
    boxes = Augment((0.9, 0.95), (3.0, 4.0)).boxes(50, _generator())
    assert bool((boxes[:, 3] == 1).all()) and bool((boxes[:, 2] < 1).all())


def test_one_seed_gives_one_result() -> None:
    clips, augment = _clips(), Augment((0.3, 1.0), flip=True)
    assert torch.equal(augment(clips, _generator(3)), augment(clips, _generator(3)))
    assert not torch.equal(augment(clips, _generator(3)), augment(clips, _generator(4)))


@pytest.mark.parametrize("area", [(0.0, 1.0), (0.5, 0.4), (0.5, 1.1)])
def test_an_impossible_range_is_refused(area: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="crop_area"):
        Augment(area)
    with pytest.raises(ValueError, match="crop_aspect"):
        Augment(crop_aspect=(0.0, 1.0))
    with pytest.raises(ValueError, match="Generator"):
        Augment(flip=True)(_clips(), None)
