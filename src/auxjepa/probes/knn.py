"""k-nearest neighbours on cosine similarity, votes weighted by exp(similarity / 0.07) (Wu et al. 2018)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

TEMPERATURE = 0.07


def predict(
    bank: Float[Tensor, "n D"], labels: Int[Tensor, " n"], queries: Float[Tensor, "m D"], neighbours: tuple[int, ...]
) -> Int[Tensor, "k m"]:
    """Predicted class of each query, one row for each number of neighbours (cut to the size of the bank)."""
    classes = int(labels.max()) + 1
    similarity = F.normalize(queries.float(), dim=-1) @ F.normalize(bank.float(), dim=-1).T
    values, index = similarity.topk(min(max(neighbours), len(bank)), dim=-1)
    votes = F.one_hot(labels[index], classes) * (values / TEMPERATURE).exp()[..., None]
    totals = votes.cumsum(dim=1)
    return torch.stack([totals[:, min(k, len(bank)) - 1].argmax(dim=-1) for k in neighbours])
