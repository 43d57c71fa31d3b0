"""A probe's head is chosen on validation clips; an edge of the grid needs more than noise."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from auxjepa.evidence.study_folder.grid_edges import edges_of
from auxjepa.probes.choice import Choice
from auxjepa.probes.fit import fit_probe
from auxjepa.probes.protocol import Protocol

RATES = (0.01, 0.1, 1.0)
PROTOCOL = Protocol(name="p", epochs=4, learning_rates=RATES, weight_decays=(0.0, 1.0), prefer_inside=True)
GRID = [(rate, decay) for rate in RATES for decay in (0.0, 1.0)]
INNER, EDGE = GRID.index((0.1, 0.0)), GRID.index((1.0, 0.0))


class Numbers(nn.Module):
    """Heads whose one parameter is the index of the grid point."""

    def __init__(self) -> None:
        super().__init__()
        self.index = nn.Parameter(torch.arange(len(GRID)).float()[:, None])


def marks(**correct: range) -> torch.Tensor:
    """Return marks of 100 clips for each grid point; ``inner`` and ``edge`` name the correct clips of two of them."""
    out = torch.zeros(len(GRID), 100, dtype=torch.bool)
    for name, clips in correct.items():
        out[{"inner": INNER, "edge": EDGE}[name], list(clips)] = True
    return out


@pytest.mark.parametrize(
    ("edge", "place"),
    [
        (range(50), INNER),  # equal marks
        (range(51), INNER),  # one clip more: 1 > sqrt(1) is false
        (range(52), EDGE),  # two clips more and none lost: 2 > sqrt(2)
        (range(25, 79), INNER),  # 29 gained, 25 lost: 4 < sqrt(54)
        (range(40, 100), INNER),  # 50 gained, 40 lost: 10 > sqrt(90) is true only for more
        (range(49), INNER),
    ],
)
def test_an_edge_needs_more_than_one_standard_error(edge: range, place: int) -> None:
    choice = Choice(PROTOCOL, GRID)
    choice.offer(2, marks(inner=range(50), edge=edge), Numbers())
    winner = choice.winner()
    gained = len(set(edge) - set(range(50)))
    lost = len(set(range(50)) - set(edge))
    assert (winner.place == EDGE) == (gained - lost > (gained + lost) ** 0.5)
    if gained + lost != 90:
        assert winner.place == place
    assert winner.state["index"].tolist() == [[float(winner.place)]]


def test_first_and_last_epoch_are_edges() -> None:
    choice = Choice(PROTOCOL, GRID)
    for epoch, clips in enumerate((range(51), range(50), range(50), range(51)), start=1):
        choice.offer(epoch, marks(inner=clips), Numbers())
    assert choice.winner().epoch == 2  # the earliest inner one: one clip more isn't enough
    choice.offer(4, marks(inner=range(60)), Numbers())
    assert choice.winner().epoch == 4


def test_without_the_preference_the_best_and_earliest_is_chosen() -> None:
    choice = Choice(PROTOCOL.model_copy(update={"prefer_inside": False}), GRID)
    for epoch, clips in enumerate((range(50), range(51), range(51)), start=1):
        choice.offer(epoch, marks(inner=range(50), edge=clips), Numbers())
    winner = choice.winner()
    assert (winner.place, winner.epoch) == (EDGE, 2) and len(winner.state["index"]) == len(GRID)


@pytest.mark.parametrize("change", [{"epochs": 1}, {"weight_decays": (1.0,)}, {"learning_rates": (0.1, 1.0)}])
def test_grid_without_an_inner_part_has_a_winner(linear, change) -> None:
    train, validation, test = linear(clips=60)
    fitted = fit_probe(PROTOCOL.model_copy(update=change), train, validation, 4, seed=0)
    assert fitted.score(test).test > 25 and edges_of(fitted.selected, PROTOCOL.model_copy(update=change).model_dump())


@pytest.mark.parametrize("head", ["linear", "attentive", "attentive_released", "temporal_conv", "st_attn"])
def test_the_kept_head_is_the_chosen_one(linear, head) -> None:
    """The head that is kept alone gives the validation score with which it was chosen."""
    train, validation, _ = linear(clips=60)
    protocol = Protocol(
        name=head, head=head, epochs=3, batch=20, learning_rates=RATES, attention_heads=2, prefer_inside=True
    )
    fitted = fit_probe(protocol, train, validation, 4, seed=0)
    correct = (fitted.predict(validation.tokens) == validation.labels).double().mean()
    assert 100 * float(correct) == pytest.approx(fitted.validation)


def test_halves_with_the_lower_recent_scores_are_dropped() -> None:
    choice = Choice(PROTOCOL.model_copy(update={"epochs": 9, "halvings": 2}), GRID)
    shares = torch.tensor([0.1, 0.6, 0.5, 0.2, 0.4, 0.3])
    kept = {}
    for epoch in range(1, 10):
        rows = torch.arange(100)[None] < 100 * shares[choice.places][:, None]
        head = Numbers()
        head.index = nn.Parameter(torch.tensor(choice.places).float()[:, None])
        choice.offer(epoch, rows, head)
        if (rows_left := choice.halve(epoch)) is not None:
            kept[epoch] = (rows_left, list(choice.places))
    assert kept == {3: ([1, 2, 4], [1, 2, 4]), 6: ([0, 1], [1, 2])}
    winner = choice.winner()
    assert winner.place == 1 and winner.state["index"].tolist() == [[1.0]]


def test_a_halved_grid_trains_the_heads_that_stay_as_before(linear) -> None:
    """A head that stays has the same parameters as in a grid that is never halved, up to the order of clips."""
    train, validation, test = linear(clips=60)
    whole = PROTOCOL.model_copy(update={"epochs": 6, "batch": len(train.labels), "prefer_inside": False})
    halved = whole.model_copy(update={"halvings": 2})
    scores = [fit_probe(protocol, train, validation, 4, seed=0) for protocol in (whole, halved)]
    assert scores[0].selected == scores[1].selected
    torch.testing.assert_close(scores[0].scores(test.tokens), scores[1].scores(test.tokens), atol=1e-4, rtol=1e-4)
