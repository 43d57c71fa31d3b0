"""k-nearest neighbours by cosine similarity, with votes weighted by exp(similarity / 0.07).

Source: Wu et al. 2018.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

TEMPERATURE = 0.07
QUERIES_AT_ONCE = 1024


def predict(
    bank: Float[Tensor, "n D"], labels: Int[Tensor, " n"], queries: Float[Tensor, "m D"], neighbours: tuple[int, ...]
) -> Int[Tensor, "k m"]:
    """Return the predicted class of each query, one row for each number of neighbours.

    Args:
        bank: features of the labelled clips.
        labels: class of each labelled clip.
        queries: features of the queries.
        neighbours: numbers of neighbours; each is limited to the size of the bank.
    """
    return votes(bank, labels, queries, neighbours).argmax(dim=-1)


def votes(
    bank: Float[Tensor, "n D"],
    labels: Int[Tensor, " n"],
    queries: Float[Tensor, "m D"],
    neighbours: tuple[int, ...],
    classes: int | None = None,
) -> Float[Tensor, "k m C"]:
    """Return the weight of the votes for each class, by number of neighbours and query.

    Args:
        bank: features of the labelled clips.
        labels: class of each labelled clip.
        queries: features of the queries.
        neighbours: numbers of neighbours; each is limited to the size of the bank.
        classes: number of classes C, also of classes that the bank lacks; the highest label plus 1 if None.
    """
    known, asked = F.normalize(bank.float(), dim=-1), F.normalize(queries.float(), dim=-1)
    count = int(labels.max()) + 1 if classes is None else classes
    parts = [_vote(known, labels, part, neighbours, count) for part in asked.split(QUERIES_AT_ONCE)]
    return torch.cat(parts, dim=1)


def _vote(
    known: Tensor, labels: Tensor, asked: Tensor, neighbours: tuple[int, ...], classes: int
) -> Float[Tensor, "k m C"]:
    values, index = (asked @ known.T).topk(min(max(neighbours), len(known)), dim=-1)
    weights, nearest = (values / TEMPERATURE).exp(), labels[index]
    totals = weights.new_zeros(len(asked), classes)
    sizes = [min(k, len(known)) for k in neighbours]
    return torch.stack([totals.scatter_add(1, nearest[:, :k], weights[:, :k]) for k in sizes])
