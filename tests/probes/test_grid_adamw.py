"""The optimiser of a grid of heads is AdamW at every grid point."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from auxjepa.probes.grid_adamw import GridAdamW
from auxjepa.probes.heads import UNDECAYED, Attentive


def test_grid_adamw_is_adamw():
    """Each point of the grid against torch's AdamW with that rate and decay, over steps of a changing factor."""
    grid = [(1e-2, 0.1), (1e-3, 0.0), (3e-2, 1.0)]
    heads = Attentive(3, 6, 4, 1, torch.Generator().manual_seed(0))
    alone = [Attentive(1, 6, 4, 1, torch.Generator().manual_seed(0)) for _ in grid]
    ours = GridAdamW(heads, grid)
    theirs = []
    for head, (rate, decay) in zip(alone, grid, strict=True):
        named = list(head.named_parameters())
        groups = [
            {"params": [p for name, p in named if name not in UNDECAYED], "weight_decay": decay},
            {"params": [p for name, p in named if name in UNDECAYED], "weight_decay": 0.0},
        ]
        theirs.append(torch.optim.AdamW(groups, lr=rate))
    for step in range(6):
        x, labels = torch.randn(9, 5, 6), torch.randint(0, 4, (9,))
        factor = 1 / (1 + step)
        heads.zero_grad()
        F.cross_entropy(heads(x).flatten(0, 1), labels.repeat(3)).mul(3).backward()
        ours.step(factor)
        for head, optimiser, (rate, _) in zip(alone, theirs, grid, strict=True):
            optimiser.zero_grad()
            F.cross_entropy(head(x)[0], labels).backward()
            for group in optimiser.param_groups:
                group["lr"] = rate * factor
            optimiser.step()
    for place, head in enumerate(alone):
        for (name, p), q in zip(head.named_parameters(), heads.parameters(), strict=True):
            assert torch.allclose(p[0], q[place], atol=2e-5), f"{name} of grid point {place}"
