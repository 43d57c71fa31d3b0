"""The display: live in a terminal, plain lines elsewhere."""

from __future__ import annotations

import io

from rich.console import Console

from auxjepa.study.display import Display


def shown(console: Console, every: float, count: int = 3) -> str:
    with Display(console, every) as display:
        for step in range(count):
            display.show(lambda step=step: f"picture {step}", lambda step=step: f"line {step // 2} [x]")
        display.show(lambda: "picture end", lambda: "end", now=True)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_pipe_gets_lines_without_control_characters_and_none_twice() -> None:
    assert shown(Console(file=io.StringIO()), every=0) == "line 0 [x]\nline 1 [x]\nend\n"


def test_lines_come_now_and_then_and_the_last_one_always() -> None:
    assert shown(Console(file=io.StringIO()), every=1000.0, count=50) == "end\n"


def test_a_dumb_terminal_is_treated_as_a_pipe() -> None:
    dumb = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "dumb"})
    assert shown(dumb, every=0) == "line 0 [x]\nline 1 [x]\nend\n"


def test_a_terminal_gets_the_picture() -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "xterm", "COLUMNS": "80"})
    text = shown(terminal, every=0)
    assert "picture end" in text and "line" not in text and "\x1b" in text
