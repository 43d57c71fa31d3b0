"""Every regular expression of the package, the way each is applied, and strings that make bad ones slow."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _constants as codes
from re import _parser as parser
from typing import Any

import auxjepa

METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split")
MATCHING = {"match", "fullmatch"}  # tried at one place only
LONG = 20_000
"""Characters of an attack: a linear pattern takes milliseconds, a quadratic one seconds."""
SECONDS = 0.5


@dataclass(frozen=True)
class Use:
    """A pattern, its flags, how it is applied, and where in the sources."""

    pattern: str | bytes
    flags: int
    method: str
    where: str


def uses() -> tuple[set[Use], set[str]]:
    """All patterns that the sources write down, and the places of those that are put together as the program runs."""
    found: set[Use] = set()
    built: set[str] = set()
    named: dict[str, list[tuple[re.Pattern[Any], str]]] = {}
    trees = []
    for name, path in _modules():
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        tree = ast.parse(Path(path).read_text(encoding="utf-8"))
        trees.append((name, tree, module))
        for key, value in vars(module).items():
            if isinstance(value, re.Pattern):
                named.setdefault(key, []).append((value, name))
    for name, tree, module in trees:
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            method, owner = node.func.attr, node.func.value
            where = f"{name}:{node.lineno}"
            if isinstance(owner, ast.Name) and owner.id == "re" and method in (*METHODS, "compile"):
                try:
                    pattern = eval(compile(ast.Expression(node.args[0]), where, "eval"), vars(module))
                    flags = _flags(node, method, module)
                except Exception:
                    built.add(where)
                    continue
                if isinstance(pattern, re.Pattern):
                    pattern, flags = pattern.pattern, pattern.flags
                if method != "compile":
                    found.add(Use(pattern, flags, method, where))
            elif (
                method in METHODS and isinstance(owner, ast.Name) and isinstance(vars(module).get(owner.id), re.Pattern)
            ):
                one = vars(module)[owner.id]
                found.add(Use(one.pattern, one.flags, method, where))
            elif method in METHODS and isinstance(owner, ast.Attribute):
                found.update(Use(one.pattern, one.flags, method, where) for one, _ in named.get(owner.attr, ()))
    applied = {(use.pattern, use.flags) for use in found}
    for key, values in named.items():  # those that are handed on
        found.update(
            Use(one.pattern, one.flags, "search", f"{name}.{key}")
            for one, name in values
            if (one.pattern, one.flags) not in applied
        )
    return found, built


def recorded(run: Callable[[], object]) -> set[Use]:
    """The patterns that the package applies while ``run`` runs, those that it puts together among them."""
    found: set[Use] = set()
    real = {name: getattr(re, name) for name in (*METHODS, "compile")}
    home = str(Path(auxjepa.__file__).parent)

    def spy(method: str) -> Callable[..., Any]:
        def call(pattern: Any, *rest: Any, **more: Any) -> Any:
            frame = sys._getframe(1)
            if frame.f_code.co_filename.startswith(home):
                made = real["compile"](pattern, *_given(method, rest, more))
                where = f"{frame.f_globals['__name__']}:{frame.f_lineno}"
                found.add(Use(made.pattern, made.flags, "search" if method == "compile" else method, where))
            return real[method](pattern, *rest, **more)

        return call

    for name in real:
        setattr(re, name, spy(name))
    try:
        run()
    finally:
        for name, function in real.items():
            setattr(re, name, function)
    return found


def _given(method: str, rest: tuple[Any, ...], more: dict[str, Any]) -> tuple[Any, ...]:
    place = {"compile": 0, "sub": 3, "subn": 3, "split": 2}.get(method, 1)
    flags = more.get("flags", rest[place] if len(rest) > place else 0)
    return (flags,) if flags else ()


def _pattern(module: Any, name: str) -> bool:
    return isinstance(vars(module).get(name), re.Pattern)


def _modules() -> Iterator[tuple[str, str]]:
    for info in pkgutil.walk_packages(auxjepa.__path__, "auxjepa."):
        spec = info.module_finder.find_spec(info.name, None)  # type: ignore[call-arg]
        if spec is not None and spec.origin and spec.origin.endswith(".py") and not info.name.endswith("__main__"):
            yield info.name, spec.origin


def _flags(node: ast.Call, method: str, module: Any) -> int:
    place = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(method, 2)
    given = [word.value for word in node.keywords if word.arg == "flags"] + node.args[place : place + 1]
    return int(eval(compile(ast.Expression(given[0]), "flags", "eval"), vars(module))) if given else 0


def attacks(pattern: str | bytes, flags: int, long: int = LONG) -> list[str]:
    """Strings of about ``long`` characters that repeat what the pattern repeats, and then end otherwise."""
    text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    tree = parser.parse(text, flags & ~re.DEBUG)
    signs, words = _parts(tree)
    signs = list(dict.fromkeys([*signs, *"9a ."]))[:24]
    pairs = [f"{a}{b}" for a in signs[:12] for b in signs[:12] if a != b]
    units = [*signs, *pairs, *words[:12], *(f"{word} " for word in words[:6]), *UNITS]
    sample = _sample(tree)
    starts = list(dict.fromkeys(["", sample[: len(sample) // 2], sample[:-1]]))
    made = dict.fromkeys(
        f"{start}{unit * (long // len(unit))}{end}" for unit in dict.fromkeys(units) for start in starts for end in ENDS
    )
    half = long // 2
    made |= dict.fromkeys(f"{a * half}{b * half}\0" for a in signs[:8] for b in signs[:8] if a != b)
    for cut in {len(sample), len(sample) - 1, len(sample) // 2} - {0, -1}:
        made[sample[:cut] * (long // cut)] = None
    return list(made)


UNITS = ("9.", "9,9", "9,999", "1.1.1.", "a@a@", "a-a ", "9 9", "a. A", "9%", "A a", "9-9", "a\n", "9\n", "- ", "(a")
ENDS = ("", "\0!")


def _parts(tree: Any) -> tuple[list[str], list[str]]:
    """Letters that classes and literals of a pattern stand for, and runs of literals."""
    signs: dict[str, None] = {}
    words: dict[str, None] = {}

    def visit(items: Any) -> None:
        run = ""
        for op, value in items:
            if op is codes.LITERAL:
                run += chr(value)
                continue
            if run:
                words[run] = None
                signs.update(dict.fromkeys(run[:2]))
                run = ""
            signs.update(dict.fromkeys(_letters(op, value)))
            for inner in _inner(op, value):
                visit(inner)
        if run:
            words[run] = None
            signs.update(dict.fromkeys(run[:2]))

    visit(tree)
    return list(signs), sorted(words, key=len, reverse=True)


def _inner(op: Any, value: Any) -> list[Any]:
    if op in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        return [value[2]]
    if op is codes.SUBPATTERN:
        return [value[3]]
    if op is codes.BRANCH:
        return list(value[1])
    if op in (codes.ASSERT, codes.ASSERT_NOT):
        return [value[1]]
    if op is codes.ATOMIC_GROUP:
        return [value]
    return []


def _letter(op: Any, value: Any) -> str:
    """One letter that a part of a pattern matches; empty where it isn't a part of one letter."""
    return next(iter(_letters(op, value)), "")


def _letters(op: Any, value: Any) -> list[str]:
    """Some letters that a part of a pattern matches, those that a class names among them."""
    if op is codes.LITERAL:
        return [chr(value)]
    if op is codes.ANY:
        return ["a"]
    if op is codes.NOT_LITERAL:
        return ["a" if chr(value) != "a" else "b"]
    if op is codes.IN:
        barred = value[0][0] is codes.NEGATE
        matches = re.compile("[" + ("^" if barred else "") + "".join(map(_class, value[barred:])) + "]")
        named = [] if barred else [chr(one) for kind, one in value if kind is codes.LITERAL][:6]
        usual = [sign for sign in "a9A -.,(\n|#*_+é\ufffd/:\"'" if matches.match(sign)]
        return list(dict.fromkeys([*usual[:3], *named]))
    return []


def _class(part: Any) -> str:
    op, value = part
    if op is codes.LITERAL:
        return re.escape(chr(value))
    if op is codes.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    names = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}
    name = str(value).removeprefix("CATEGORY_").removeprefix("UNI_")
    short = names[name.removeprefix("NOT_")]
    return short.upper() if name.startswith("NOT_") else short


def _sample(tree: Any) -> str:
    """A string that the pattern matches, or nearly."""
    out = ""
    for op, value in tree:
        if op in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            low, high, inner = value
            out += _sample(inner) * max(min(low, 50), min(1, high))
        elif op is codes.BRANCH:
            out += _sample(value[1][0])
        elif op is codes.SUBPATTERN:
            out += _sample(value[3])
        elif op is codes.ATOMIC_GROUP:
            out += _sample(value)
        else:
            out += _letter(op, value)
    return out


class SlowError(Exception):
    """A pattern that took too long."""


def seconds(use: Use, text: str, limit: float = SECONDS) -> bool:
    """Whether applying a pattern to a text ends within ``limit`` CPU seconds."""
    compiled = re.compile(use.pattern, use.flags)
    data: Any = text if isinstance(use.pattern, str) else text.encode("latin-1", "ignore")

    def stop(*_: object) -> None:
        raise SlowError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        if use.method in ("sub", "subn"):
            compiled.subn(data[:0], data)
        elif use.method == "finditer":
            for _ in compiled.finditer(data):
                pass
        else:
            getattr(compiled, use.method)(data)
    except SlowError:
        return False
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return True


def slow(every: set[Use]) -> Iterator[tuple[Use, str]]:
    """The uses that are slow, each with the beginning of a string that shows it."""
    for use in sorted(every, key=lambda one: one.where):
        for text in attacks(use.pattern, use.flags):
            if not seconds(use, text):
                yield use, text
                break


if __name__ == "__main__":
    every, dynamic = uses()
    print(len(every), "uses;", "built as it runs:", *sorted(dynamic), sep="\n", file=sys.stderr)
    for use, text in slow(every):
        print(f"{use.where} {use.method} {use.pattern!r:.200}\n    {text[:40]!r} … {text[-12:]!r}", flush=True)
