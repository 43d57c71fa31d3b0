"""Flags of the commands that train nothing: they are read and validated, not carried out."""

from __future__ import annotations

import random
from collections.abc import Callable

from auxjepa.cli import (
    audit,
    bench,
    cache,
    claims,
    compare,
    data,
    doctor,
    embed,
    evidence,
    masks,
    probe,
    report,
    sets,
    study,
    variants,
)
from auxjepa.cli.flags import leaves, parse
from auxjepa.config import Typed
from auxjepa_review import command as review

from .values import wrong_value

MODELS: dict[str, tuple[type[Typed], tuple[str, ...]]] = {
    "probe": (probe.Command, ("run",)),
    "embed": (embed.Command, ("run", "videos")),
    "audit": (audit.Command, ("variant",)),
    "masks": (masks.Command, ()),
    "bench data": (bench.Data, ()),
    "report": (report.Command, ("folder",)),
    "review": (review.Command, ("question",)),
    "doctor": (doctor.Command, ()),
    "data world": (data.World, ("out",)),
    "data scan": (data.Scan, ("folder",)),
    "data prepare": (sets.Prepare, ("data_set",)),
    "data check": (sets.Check, ("name",)),
    "data cache rm": (cache.Remove, ("keys",)),
    "study status": (study.Status, ("folder",)),
    "study compare": (compare.Compare, ("folder",)),
    "claims verify": (claims.Verify, ()),
    "evidence grade": (evidence.GradeCommand, ("results",)),
    "variants diff": (variants.Diff, ("first", "second")),
}


def command_line(rng: random.Random) -> tuple[str, list[str]]:
    """A command and its words."""
    command = rng.choice([*MODELS])
    model, positional = MODELS[command]
    words = [rng.choice(("x", "a.mp4", "", "-", "ä", "--", "1")) for _ in range(rng.randint(0, len(positional) + 1))]
    for _ in range(rng.randint(0, 3)):
        name = rng.choice([*leaves(model), "extra", "help me"]).replace("_", "-")
        form, value = rng.random(), str(wrong_value(rng))
        words += [f"--{name}"] if form < 0.1 else [f"--{name}={value}"] if form < 0.5 else [f"--{name}", value]
    return command, words


def reader(command: str) -> Callable[[list[str]], Typed]:
    """Reads the words of a command."""
    model, positional = MODELS[command]
    return lambda words: parse(model, words, f"auxjepa {command}", positional)
