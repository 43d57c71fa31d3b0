"""Help offers what the parser accepts, and all of it, at any width, without torch."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from auxjepa.cli import command_purposes, help, main
from auxjepa.cli.fields import INDEX, KEY, Flag, flags_of, is_mapping, is_record, is_sequence, kind_at, kind_of
from auxjepa.cli.flags import merge, overrides, wants_help

LEAVES = [
    *("pretrain", "probe", "embed", "report", "masks", "audit", "doctor", "review"),
    *("study run", "study plan", "study status", "study register", "study compare", "study watch"),
    "study repeat-probes",
    "study tune",
    *(
        "evidence grade",
        "evidence meta",
        "claims list",
        "claims verify",
        "variants list",
        "variants diff",
        "bench data",
    ),
    *("data list", "data prepare", "data check", "data scan", "data world"),
    *("data cache ls", "data cache rm", "data cache verify"),
]
KEYS = {"objectives": "context", "regimes": "world", "only": "world", "mixture": "world"}


class Grammar(NamedTuple):
    """What a command gave to help."""

    model: type[BaseModel]
    positional: tuple[str, ...]
    short: dict[str, str]


def grammar_of(command: str, monkeypatch: pytest.MonkeyPatch) -> Grammar:
    grammars: list[Grammar] = []
    usage, offered = help._usage, help.offered

    def record(model: type[BaseModel], positional: tuple[str, ...]) -> str:
        grammars.append(Grammar(model, positional, {}))
        return usage(model, positional)

    def record_short(model: type[BaseModel], short: dict[str, str] | None = None) -> Iterator[Flag]:
        grammars.append(Grammar(model, grammars[-1].positional, dict(short or {})))
        return offered(model, short)

    with monkeypatch.context() as patched:
        patched.setattr(help, "_usage", record)
        patched.setattr(help, "offered", record_short)
        with pytest.raises(SystemExit) as stop:
            main([*command.split(), "--help"])
    assert stop.value.code == 0
    return grammars[-1]


def sample(flag: Flag) -> list[str]:
    """Words of a value that the flag takes; the default where it has one."""
    if flag.kind.annotation is bool:
        return []
    default = None if flag.info.is_required() or flag.path[-1] in (KEY, INDEX) else flag.info.get_default()
    if isinstance(default, (BaseModel, dict)) or (
        default and isinstance(default[0] if isinstance(default, tuple) else 0, BaseModel)
    ):
        return [json.dumps(plain(default))]
    if isinstance(default, tuple) and default:
        return [str(value) for value in default]
    if default not in (None, (), ""):
        return [str(default)]
    return ["null"] if is_record(flag.kind.annotation) else [text_of(flag.kind.annotation)]


def plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def text_of(annotation: Any) -> str:
    annotation = kind_of(annotation).annotation
    if is_mapping(annotation):
        return "{}"
    if is_sequence(annotation):
        inner = get_args(annotation)[0]
        return "[]" if is_record(inner) else text_of(inner)
    arguments = get_args(annotation)
    if any(get_origin(argument) is Literal for argument in arguments):  # a union with words
        return text_of(next(argument for argument in arguments if get_origin(argument) is Literal))
    if get_origin(annotation) is not None and (words := [a for a in get_args(annotation) if not isinstance(a, type)]):
        return str(words[0])
    return {int: "1", float: "0.5", str: "world", Path: "x"}.get(annotation, "1")


def concrete(path: tuple[str, ...]) -> list[str]:
    """A path with a key or place for each placeholder."""
    return [
        "0" if part == INDEX else KEYS.get(above, "x") if part == KEY else part
        for above, part in zip(("", *path), path, strict=False)
    ]


@pytest.mark.parametrize("command", LEAVES)
def test_the_parser_accepts_every_flag_of_help_with_a_value(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, positional, short = grammar_of(command, monkeypatch)
    for flag in help.offered(model, short):
        path = concrete(flag.path)
        names = [".".join(part.replace("_", "-") for part in path)]
        names += [name for name, target in short.items() if target == ".".join(flag.path)]
        if flag.kind.annotation is bool:
            names.append(".".join([*names[0].split(".")[:-1], f"no-{names[0].split('.')[-1]}"]))
        words = ["x" for name in positional if name != path[0]]
        for name in names:
            content = overrides(model, [*words, f"--{name}", *sample(flag)], positional, short)
            problems = problems_at(model, content, path)
            assert not problems, (name, sample(flag), problems)


def problems_at(model: type[BaseModel], content: dict[str, Any], path: list[str]) -> list[str]:
    base = {name: plain(info.get_default()) for name, info in model.model_fields.items() if not info.is_required()}
    try:
        model.model_validate(merge(base, content))
    except ValidationError as error:
        whole = [[str(part) for part in one["loc"]] for one in error.errors()]
        return [str(one["msg"]) for one, at in zip(error.errors(), whole, strict=True) if at[: len(path)] == path]
    return []


@pytest.mark.parametrize("command", LEAVES)
def test_help_shows_every_field_that_the_parser_accepts(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    model, _, short = grammar_of(command, monkeypatch)
    text = "".join(capsys.readouterr().out.split())
    unused = tuple(getattr(model, "UNUSED", ()))
    parts = {part for flag in flags_of(model) for part in flag.path} - {KEY, INDEX}
    for path in accepted(model, [], sorted(parts)):
        dotted = ".".join(path)
        name = dotted.replace("_", "-")
        if name not in short and not any(dotted == one or dotted.startswith(f"{one}.") for one in unused):
            assert f"--{name}" in text, name


def accepted(model: type[BaseModel], path: list[str], parts: list[str]) -> Iterator[list[str]]:
    """Every field that the parser knows below a path, placeholders for keys and places."""
    for part in (*parts, KEY, INDEX):
        below = [*path, part]
        spelled = ["0" if one == INDEX else one for one in below]
        kind, above = kind_at(model, spelled), kind_at(model, spelled[:-1])
        if kind is None or above is None or above.annotation is Any:
            continue
        if is_mapping(above.annotation) != (part == KEY) or is_sequence(above.annotation) != (part == INDEX):
            continue
        if part != INDEX and not (part == KEY and (is_record(kind.annotation) or is_sequence(kind.annotation))):
            yield below
        yield from accepted(model, below, parts)


def test_these_are_all_commands_and_actions(capsys: pytest.CaptureFixture[str]) -> None:
    assert {command.split()[0] for command in LEAVES} == set(command_purposes())
    for command in {" ".join(leaf.split()[:-1]) for leaf in LEAVES} - {""}:
        assert main([*command.split(), "zzzzzz"]) == 2
        match = re.search(r"known are (.*)", capsys.readouterr().err)
        names = {leaf.split()[-1] for leaf in LEAVES if leaf.split()[:-1] == command.split()}
        subgroups = {leaf.split()[1] for leaf in LEAVES if leaf.split()[0] == command and len(leaf.split()) == 3}
        assert match is not None and set(match[1].split(", ")) == names | subgroups


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("command", LEAVES)
def test_help_fits(
    command: str, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"usage: auxjepa {command}") and max(map(len, lines)) <= width
    assert not any("\x1b" in line or line.endswith(" ") for line in lines)


def test_help_imports_no_torch() -> None:
    code = f"""
import sys
from auxjepa.cli import main
for command in {LEAVES!r}:
    try:
        main([*command.split(), "--help"])
    except SystemExit:
        pass
    assert "torch" not in sys.modules, command
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_help_as_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["help", "data", "scan"])
    assert capsys.readouterr().out.startswith("usage: auxjepa data scan")


def test_help_after_two_dashes_is_a_word() -> None:
    assert wants_help(["x", "--help"]) and wants_help(["-h"]) and not wants_help(["--", "--help"])
