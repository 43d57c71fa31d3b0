"""The first word of a command names its action."""

from __future__ import annotations

import pytest

from auxjepa.cli.actions import run_action
from auxjepa.cli.values import UsageError


@pytest.mark.parametrize("argv", [[], ["-h"], ["--help"]])
def test_no_action_prints_the_usage(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    run_action("auxjepa example", argv, {"scan": lambda _: None, "list": lambda _: None})
    assert capsys.readouterr().out.startswith("usage: auxjepa example scan|list [...]")
    run_action("auxjepa example", argv, {}, lambda: "a usage")
    assert capsys.readouterr().out == "a usage\n"


def test_an_action_gets_the_words_after_it() -> None:
    words: list[list[str]] = []
    run_action("auxjepa example", ["scan", "a", "--b"], {"scan": words.append})
    assert words == [["a", "--b"]]


@pytest.mark.parametrize(
    ("word", "line"),
    [("scam", "no action 'scam'; did you mean 'scan'"), ("--x", "'--x' comes after the action: scan")],
)
def test_another_word_is_refused(word: str, line: str) -> None:
    with pytest.raises(UsageError, match=line):
        run_action("auxjepa example", [word], {"scan": lambda _: None})
