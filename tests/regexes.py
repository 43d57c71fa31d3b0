"""Every regular expression of the package, the way each is applied, and strings that make bad ones slow."""

from __future__ import annotations

import ast
import importlib
import json
import math
import os
import pkgutil
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _constants as codes
from re import _parser as parser
from typing import Any

import auxjepa
import auxjepa_review

METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split")
MATCHING = {"match", "fullmatch"}  # tried at one place only
LONG = 10_000
"""Characters of an attack."""
SUSPECT, SLOW = 0.02, 0.5
"""CPU seconds: a linear pattern takes some milliseconds for ``LONG`` characters."""


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
    homes = tuple(str(Path(package.__file__).parent) + os.sep for package in (auxjepa, auxjepa_review))

    def spy(method: str) -> Callable[..., Any]:
        def call(pattern: Any, *rest: Any, **more: Any) -> Any:
            frame = sys._getframe(1)
            if frame.f_code.co_filename.startswith(homes):
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
    for package in (auxjepa, auxjepa_review):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            spec = info.module_finder.find_spec(info.name, None)  # type: ignore[call-arg]
            if spec is not None and spec.origin and spec.origin.endswith(".py") and not info.name.endswith("__main__"):
                yield info.name, spec.origin


def _flags(node: ast.Call, method: str, module: Any) -> int:
    place = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(method, 2)
    given = [word.value for word in node.keywords if word.arg == "flags"] + node.args[place : place + 1]
    return int(eval(compile(ast.Expression(given[0]), "flags", "eval"), vars(module))) if given else 0


def attacks(pattern: str | bytes, flags: int, long: int = LONG) -> list[str]:
    """Strings of about ``long`` characters that repeat what the pattern repeats, and then end otherwise.

    A pattern without a repetition that goes on for long can't be slow: it has no attacks.
    """
    text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    tree = parser.parse(text, flags & ~re.DEBUG)
    if not _goes_on(tree):
        return []
    signs, words = _parts(tree)
    signs = list(dict.fromkeys([*signs, *"9a ."]))[:24]
    pairs = [f"{a}{b}" for a in signs[:8] for b in signs[:8] if a != b]
    units = dict.fromkeys([*signs, *pairs, *words[:8], *(f"{word} " for word in words[:8]), *UNITS])
    sample = _sample(tree)
    made = {f"{unit * (long // len(unit))}\0!": None for unit in units}
    for start in {sample[: len(sample) // 2], sample[:-1]} - {""}:
        made |= dict.fromkeys(f"{start}{unit * (long // len(unit))}\0!" for unit in [*signs, *UNITS])
    half = long // 2
    made |= dict.fromkeys(f"{a * half}{b * half}\0" for a in signs[:5] for b in signs[:5] if a != b)
    for cut in {len(sample), len(sample) - 1, len(sample) // 2} - {0, -1}:
        made[sample[:cut] * (long // cut)] = None
    return list(made)


UNITS = ("9.", "9,9", "9,999", "1.1.1.", "a@a@", "a-a ", "9 9", "a. A", "9%", "A a", "9-9", "a\n", "9\n", "- ", "(a")


def _goes_on(tree: Any, most: int = 100) -> bool:
    for op, value in tree:
        if op in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT) and value[1] > most:
            return True
        if any(_goes_on(inner, most) for inner in _inner(op, value)):
            return True
    return False


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


def seconds(use: Use, text: str, limit: float) -> float:
    """CPU seconds that a pattern takes with a text; infinity beyond ``limit``."""
    compiled = re.compile(use.pattern, use.flags)
    data: Any = text if isinstance(use.pattern, str) else text.encode("latin-1", "ignore")

    def stop(*_: object) -> None:
        raise SlowError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    begun = time.process_time()
    try:
        if use.method in ("sub", "subn"):
            compiled.subn(data[:0], data)
        elif use.method == "finditer":
            for _ in compiled.finditer(data):
                pass
        else:
            getattr(compiled, use.method)(data)
    except SlowError:
        return math.inf
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return time.process_time() - begun


def attack(use: Use) -> str:
    """The string that a use is slow with; empty where there is none.

    What takes a while is tried again with a string of eight times the length: a linear pattern takes eight times as
    long and stays far below the limit, a quadratic one 64 times.
    """
    for number, text in enumerate(attacks(use.pattern, use.flags)):
        if seconds(use, text, 2 * SUSPECT) > SUSPECT:
            longer = attacks(use.pattern, use.flags, 8 * LONG)[number]
            if seconds(use, longer, SLOW) > SLOW:
                return text
    return ""


def every_use(run: Callable[[], object]) -> set[Use]:
    """All uses that the sources write down, and those that are built while ``run`` runs."""
    written, built = uses()
    known = {(use.pattern, use.flags) for use in written}
    made = {use for use in recorded(run) if (use.pattern, use.flags) not in known or use.where in built}
    return written | {Use(one.pattern, one.flags, one.method, one.where) for one in made}


def run_review(folder: Path) -> None:
    """A review with all that builds patterns as it goes."""
    from auxjepa_review import report
    from auxjepa_review.evaluation.defects import DEFECTS, HARMLESS, Target, plant
    from auxjepa_review.review import run_review
    from auxjepa_review.search.sources.source import arxiv_id

    (folder / "a.md").write_text(DOCUMENT)
    outcome = run_review("Does motion guidance help on SSv2?", [folder])
    report.build(outcome, folder / "out")
    target = Target(outcome.documents[0], {1, 2}, {1, 2})
    for kind in (*DEFECTS, *HARMLESS):
        plant(target, kind, 1, 0)
    arxiv_id("arXiv:2605.12345")


DOCUMENT = """---
title: "Motion"
authors: [A B, C D]
date: 2026-05-01
---
# Motion guidance in Video-JEPA

arXiv:2605.12345v1 [cs.CV]

## Abstract

We present a systematic literature review. Research question: does motion guidance help on SSv2? It yielded 12 papers.
14 claims were extracted, 3 verified. FWM-HW-LD improves accuracy by 2.5 to 2.9 points on Diving-48 (p < 0.05), 6.4
points on UCF-101 and 2.09 on SSv2; from 40.1% to 45.2%. All four variants gain. The combination of FWM and LD is best.
Three of 9 variants fall below the baseline. It never reduces the error by about 12 percent relative to the baseline.
The encoder has 192 dimensions and an embedding must encode motion.

| method | SSv2 | Diving-48 |
|---|---|---|
| FWM | 40.1 | 22.3 |
| baseline | 38.0 | 20.0 |

## Limitations

Only one seed.

## Extracted Claims

# claim verified confidence

1 FWM-HW-LD improves SSv2 by 2.5 points. ✓ 0.9

2 LD lowers Diving-48 by 1.1 points. × 0.4

## References

[1] A. Author. Title. arXiv:2605.12346. doi:10.1234/abc.def
- B. Other, https://doi.org/10.1234/xyz
"""


def main() -> None:
    """Print, as JSON, how many uses there are, the places of those that weren't built, and the slow ones."""
    with tempfile.TemporaryDirectory() as folder:
        every = every_use(lambda: run_review(Path(folder)))
    unseen = sorted(uses()[1] - {use.where for use in every})
    slow = [f"{one.where} {one.method} {one.pattern!r}: {text[:40]!r}" for one in every if (text := attack(one))]
    print(json.dumps({"uses": len(every), "unseen": unseen, "slow": sorted(slow)}))


if __name__ == "__main__":
    main()
