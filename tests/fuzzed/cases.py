"""A case: a command line and the files it names. Which one it is follows from its kind and seed alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from auxjepa.cli.flags import leaves
from auxjepa.cli.study import PRESETS
from auxjepa.config import RunConfig, read_yaml
from auxjepa.yaml_text import dump

from .commands import command_line
from .runs import odd_run, small_run
from .values import mutated, wrong_value


@dataclass(frozen=True)
class Case:
    """What a person might type.

    Args:
        kind: of case. seed: that it was made from. command: of ``auxjepa``. words: behind it. files: text by name.
    """

    kind: str
    seed: int
    command: str
    words: list[str]
    files: dict[str, str | bytes] = field(default_factory=dict)


def make(kind: str, seed: int) -> Case:
    """The case of a kind and a seed."""
    rng = random.Random(f"{kind} {seed}")
    command, words, files = KINDS[kind](rng)
    return Case(kind, seed, command, words, files)


Made = tuple[str, list[str], dict[str, str | bytes]]


def _mutated_run(rng: random.Random) -> Made:
    return "pretrain", ["--config", "run.yaml"], {"run.yaml": written(mutated(small_run(rng), rng, rng.randint(1, 3)))}


def _mutated_whole_run(rng: random.Random) -> Made:
    content = RunConfig.model_validate({k: v for k, v in small_run(rng).items() if k != "variant"})
    text = written(mutated(content.model_dump(mode="json"), rng, rng.randint(1, 2)))
    return "pretrain", ["--config", "run.yaml"], {"run.yaml": text}


def _odd_run(rng: random.Random) -> Made:
    return "pretrain", ["--config", "run.yaml"], {"run.yaml": written(odd_run(rng))}


def _broken_text(rng: random.Random) -> Made:
    text = dump(small_run(rng) if rng.random() < 0.7 else odd_run(rng))
    for _ in range(rng.choice((1, 1, 1, 3))):
        place = rng.randrange(len(text) + 1)
        piece = rng.choice(TEXTS)
        text = text[:place] + piece + text[place + rng.choice((0, 0, 1, len(piece))) :]
    data: bytes = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.2:
        data = bytes(rng.choice((b ^ 1 << rng.randrange(8), b)) if rng.random() < 0.02 else b for b in data)
    return "pretrain", ["--config", "run.yaml"], {"run.yaml": data}


def _run_flags(rng: random.Random) -> Made:
    words = ["--data.frames", "4", "--data.size", "16", "--optim.batch", "4", "--optim.steps", "4"]
    for _ in range(rng.randint(1, 3)):
        words += flag(rng, RUN_FIELDS)
    return "pretrain", words, {}


def _study(rng: random.Random) -> Made:
    content = small_study(rng)
    return "study", ["study.yaml"], {"study.yaml": written(mutated(content, rng, rng.randint(1, 3)))}


def _study_flags(rng: random.Random) -> Made:
    words = ["study.yaml"]
    for _ in range(rng.randint(1, 2)):
        words += flag(rng, STUDY_FIELDS)
    return "study", words, {"study.yaml": dump(small_study(rng))}


def _other_command(rng: random.Random) -> Made:
    command, words = command_line(rng)
    return command, words, {}


def small_study(rng: random.Random) -> dict[str, Any]:
    """A preset with few variants and small clips."""
    content = read_yaml(rng.choice([path for path in sorted(PRESETS.glob("*.yaml")) if path.stem != "own"]))
    content.pop("scales", None)
    reference = content.get("reference", "baseline")
    content["variants"] = [reference, *rng.sample([v for v in content["variants"] if v != reference], 1)]
    content["seeds"] = content["seeds"][:2]
    if "only" in content:
        content["only"] = {regime: [reference] for regime in content["only"]}
    speaks = lambda h: {h["variant"], h["reference"]} <= {*content["variants"], "random_init"}  # noqa: E731
    kept = [h for h in content.get("hypotheses", ()) if speaks(h)]
    if kept:
        content["hypotheses"] = kept
    else:
        content |= {"phase": "screen"}
        content.pop("hypotheses", None)
    content.setdefault("base", {})["optim"] = {"steps": 3, "batch": 4}
    return content


def flag(rng: random.Random, fields: list[str]) -> list[str]:
    """A flag with a value, or what is left of one."""
    name = rng.choice(fields)
    if rng.random() < 0.1:
        name = rng.choice((name[:-1], name.upper(), f"{name}.x", name.replace(".", ""), f"no-{name}", ""))
    value = wrong_value(rng)
    shown = str(value) if rng.random() < 0.5 else dump(value).strip().removesuffix("\n...")
    form = rng.random()
    if form < 0.1:
        return [f"--{name}"]
    return [f"--{name}={shown}"] if form < 0.4 else [f"--{name}", shown]


def written(content: Any) -> str:
    """YAML text, of odd content too."""
    try:
        return dump(content)
    except Exception:  # no YAML says this; something close to it does
        return repr(content)


RUN_FIELDS = [
    *leaves(RunConfig),
    *(f"masks.{n}.{name}" for n in (0, 1, 5) for name in ("kind", "blocks", "scale", "aspect", "args.strength")),
    *(
        f"objectives.{key}.{name}"
        for key in ("prediction", "delta", "mine", "a-b")
        for name in ("weight", "name", "args")
    ),
    *("objectives.delta.schedule.kind", "objectives.sigreg.args.slices", "data.mixture.world.weight", "config", "out"),
    *("device", "threads", "regime", "variant", "data"),
]
STUDY_FIELDS = [
    *("name", "phase", "reference", "variants", "seeds", "benchmarks", "sizes", "sizes.train", "regimes", "only"),
    *("controls", "hypotheses", "rule.alpha", "screened_seeds", "scale", "device", "workers", "runs", "root", "out"),
    *("regimes.world.frames", "regimes.world.size", "regimes.world.source", "regimes.x.clips"),
    *(f"base.{name}" for name in RUN_FIELDS),
]
TEXTS = [
    *("\t", "\n", " ", ":", "- ", "{", "}", "[", "]", "&a ", "*a", "!!timestamp ", "!!binary ", "!x ", "#", "'", '"'),
    *("---\n", "...\n", "? ", "<<: ", "{{7*7}}", "%YAML 1.1\n", "\x00", "\ufeff", "\u2028", "é", "|\n", ">-\n", "010"),
    *("1:30", "no", "seed: 1\n", "? [a]\n: b\n", "&a [*a]", "@", "`", "=", "~", "\ud800"),
]
KINDS: dict[str, Callable[[random.Random], Made]] = {
    "mutated run": _mutated_run,
    "mutated whole run": _mutated_whole_run,
    "odd run": _odd_run,
    "broken text": _broken_text,
    "flags of a run": _run_flags,
    "mutated study": _study,
    "flags of a study": _study_flags,
    "other commands": _other_command,
}
