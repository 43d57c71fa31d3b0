"""The contract check of encoders from elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from auxjepa import encoders
from auxjepa.encoders.foreign.contract import EncoderContractError, check


class Good(nn.Module):
    frames, size, mean, std, dim = 4, 8, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 3

    def forward(self, clips: Tensor) -> Tensor:
        return clips.mean(dim=(3, 4)).transpose(1, 2)


def broken(function: Callable[[Tensor], Tensor]) -> nn.Module:
    made = Good()
    object.__setattr__(made, "forward", lambda clips: function(Good.forward(made, clips)))
    return made


def test_good_encoders_pass(hub) -> None:
    check(Good())
    encoders.check(f"hf:{hub('siglip_vision_model')}")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda tokens: tokens / 0, "aren't finite"),
        (lambda tokens: tokens + torch.rand(()), "evaluation mode"),
        (lambda tokens: tokens - tokens.mean(dim=0), "depend on the other clips"),
        (lambda tokens: torch.ones_like(tokens), "two different clips have the same tokens"),
    ],
)
def test_a_broken_clause_is_named(function: Callable[[Tensor], Tensor], message: str) -> None:
    with pytest.raises(EncoderContractError, match=message):
        check(broken(function))
