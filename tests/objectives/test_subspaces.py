"""Division of channels."""

from __future__ import annotations

import pytest
import torch

from auxjepa.objectives import Subspaces


@pytest.mark.parametrize("split", ["per_level", "concatenated"])
@pytest.mark.parametrize("ratio", [0.01, 0.25, 0.5, 0.9])
def test_the_parts_are_all_channels_once(split: str, ratio: float) -> None:
    z = torch.arange(3 * 8.0).view(1, 3, 8)
    parts = Subspaces.model_validate({"ratio": ratio, "split": split})
    a, y = parts.appearance(z), parts.dynamics(z)
    assert torch.cat([a, y], -1).sort(-1).values.equal(z.flatten(1))
    assert a.shape[-1] == parts.size("appearance", 3, 8) and y.shape[-1] == parts.size("dynamics", 3, 8)
    assert parts.size("all", 3, 8) == 24


def test_per_level_divides_every_level_and_concatenated_divides_by_depth() -> None:
    z = torch.arange(4 * 2.0).view(1, 4, 2)
    assert Subspaces(split="per_level").appearance(z).tolist() == [[0, 2, 4, 6]]
    assert Subspaces(split="concatenated").appearance(z).tolist() == [[0, 1, 2, 3]]
