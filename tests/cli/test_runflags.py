"""Flags of a run and of a command that takes them too."""

from __future__ import annotations

import pytest

from auxjepa.cli import audit
from auxjepa.cli.flags import UsageError
from auxjepa.cli.pretrain import resolve_flags
from auxjepa.cli.runflags import read_flags
from auxjepa.config import OptimConfig, RunConfig, Typed


class Own(Typed):
    """A command with two fields of its own."""

    out: str = ""
    fast: bool = False
    variant: str | None = None


def test_flags_of_a_run_and_of_the_command_are_divided() -> None:
    argv = ["ld", "--optim.lr", "1", "--no-fast", "--data", "folder:x", "--out=y"]
    assert read_flags(Own, argv, "example", ("variant",)) == (
        {"variant": "ld", "fast": False, "out": "y"},
        {"optim": {"lr": 1}, "data": {"source": "folder:x"}},
    )


@pytest.mark.parametrize(("word", "near"), [("--fats", "fast"), ("--optim.stepz=3", "optim.steps")])
def test_an_unknown_flag_is_answered_with_the_nearest_of_both(word: str, near: str) -> None:
    with pytest.raises(UsageError, match=f"did you mean '{near}'"):
        read_flags(Own, [word], "example")


def test_flags_are_laid_over_a_base_run_without_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.mkdtemp", lambda *_, **__: pytest.fail("a temporary folder"))
    base = RunConfig(seed=3, optim=OptimConfig(steps=5), objectives={})
    run = resolve_flags({"optim": {"lr": 1e-4}}, base)
    assert run == base.model_copy(update={"optim": OptimConfig(steps=5, lr=1e-4)})


def test_switches_of_audit_take_no_variant() -> None:
    for argv in (["--strict", "ld"], ["ld", "--strict"], ["--strict=true", "ld"], ["--strict", "true", "ld"]):
        assert read_flags(audit.Command, argv, "auxjepa audit", ("variant",))[0] == {"strict": True, "variant": "ld"}
