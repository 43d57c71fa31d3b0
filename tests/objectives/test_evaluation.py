"""The value of an objective: one floating-point number, or one line that names the term and its plug-in."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from auxjepa.config import ConfigError
from auxjepa.objectives import Delta, Objective, ObjectiveError, evaluate
from auxjepa.objectives.check import example_step

ORIGIN = "plug-in mine 0.1, mine:Mine"


class Mine(Objective):
    """Acts as a function says, on a value that depends on the features."""

    def __init__(self, act) -> None:
        super().__init__(levels=2, dim=4)
        self.act = act
        self.origin = ORIGIN

    def forward(self, step):  # in place of loss(), as the base class's types are checked in tests
        return self.act(step, step.views[0].context.mean())


def raising(error: BaseException):
    def act(step, value):
        raise error

    return act


def inplace(step, value):
    with torch.no_grad():
        step.target.zero_()
    return value


class Quit(BaseException):
    """As a plug-in's own way out."""


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (raising(KeyError("boom")), "failed: KeyError: 'boom'"),
        (raising(RuntimeError("a\nb")), "failed: RuntimeError: a b"),
        (raising(SystemExit(3)), "failed: it ended the process (exit status 3)"),
        (raising(KeyboardInterrupt()), "failed: KeyboardInterrupt"),
        (raising(Quit("now")), "failed: Quit: now"),
        (raising(AssertionError()), "failed: AssertionError"),
        (lambda step, value: None, "returned None; it must return a tensor that holds one floating-point number"),
        (lambda step, value: 0.5, "returned 0.5;"),
        (lambda step, value: np.float32(1), "returned a float32;"),
        (lambda step, value: [value], "returned a list;"),
        (lambda step, value: value.repeat(3), "returned a tensor of shape (3,);"),
        (lambda step, value: value.reshape(1), "returned a tensor of shape (1,);"),
        (lambda step, value: value.new_zeros(0), "returned a tensor of shape (0,);"),
        (lambda step, value: torch.tensor(3), "returned a tensor of int64;"),
        (lambda step, value: value > 0, "returned a tensor of bool;"),
        (lambda step, value: value.to(torch.complex64), "returned a tensor of complex64;"),
        (lambda step, value: value.to("meta"), "returned a tensor on the device meta (features are on cpu);"),
        (lambda step, value: value.detach() + 1, "returned a number without gradient"),
        (inplace, "changed the clips or features that all objectives share"),
    ],
)
def test_what_is_no_term_of_a_loss_is_one_line(act, words: str) -> None:
    with pytest.raises(ObjectiveError) as caught:
        evaluate("key", Mine(act), example_step())
    line = str(caught.value)
    assert line.startswith(f"objective key ({ORIGIN}) {words}") and "\n" not in line


def test_a_number_is_returned_as_it_is() -> None:
    value = evaluate("key", Mine(lambda step, value: 2 * value), example_step())
    assert value.shape == () and value.requires_grad
    assert evaluate("key", Mine(lambda step, value: value.double()), example_step()).dtype == torch.float64
    nothing = evaluate("key", Mine(lambda step, value: value.detach() * 0), example_step())
    assert nothing.item() == 0 and not nothing.requires_grad  # undefined on these masks
    with torch.no_grad():  # of a term whose weight is 0
        assert not evaluate("key", Mine(lambda step, value: value), example_step()).requires_grad


def test_our_own_may_be_cut_off_and_are_named_without_a_package() -> None:
    class Cut(Delta):
        def loss(self, step):
            return step.views[0].context.mean().detach()

    class Bad(Delta):
        def loss(self, step):
            raise TypeError("no")

    assert not evaluate("cut", Cut(levels=2, dim=4), example_step()).requires_grad
    with pytest.raises(ObjectiveError, match=r"^objective bad failed: TypeError: no$"):
        evaluate("bad", Bad(levels=2, dim=4), example_step())


def test_settings_that_do_not_fit_stay_errors_of_the_configuration() -> None:
    with pytest.raises(ConfigError, match="tiles"):
        evaluate("key", Mine(raising(ConfigError("other tiles"))), example_step())


def test_ctrl_c_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auxjepa.objectives.evaluation.interrupted_by_user", lambda error: True)
    with pytest.raises(KeyboardInterrupt):
        evaluate("key", Mine(raising(KeyboardInterrupt())), example_step())
