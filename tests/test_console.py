"""Notes are one printable line on standard error; tables keep their rows whole in a pipe."""

from __future__ import annotations

import pytest

from auxjepa.console import print_note, printable, table_console


def test_a_note_is_one_line_without_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    text = "clips/\x1b[31mred\x1b[0m\n[bold]:smiley: " + "long " * 100
    print_note(text)
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and "\x1b" not in captured.err
    assert captured.err.startswith("clips/\\x1b[31mred\\x1b[0m\\n[bold]:smiley: long")


def test_a_quiet_note_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_note("a note", quiet=True)
    assert capsys.readouterr() == ("", "")


def test_bytes_that_are_not_text_are_escaped() -> None:
    assert printable("a\udce9\u202eb") == "a\\xe9\\u202eb"


@pytest.mark.parametrize(("width", "lines"), [(300, 1), (120, 2)])
def test_a_table_in_a_pipe_has_the_width_of_the_console(
    capsys: pytest.CaptureFixture[str], width: int, lines: int
) -> None:
    table_console(width).print("x " * 120)
    assert capsys.readouterr().out.count("\n") == lines
