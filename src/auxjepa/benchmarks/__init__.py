"""Registry of benchmarks: data set, split, label, metric and protocol of every benchmark."""

from __future__ import annotations

from pydantic import ValidationError

from auxjepa import plugins
from auxjepa.benchmarks import (
    alignment,
    alternative_heads,
    captioned,
    cka,
    epic_fewshot,
    factors,
    fewshot,
    kinetics_shift,
    motion_discrimination,
    opened,
    physics,
    recognition,
    regression,
    robustness,
    same_video,
    score,
    task,
    world,
)
from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.measurement import MEASUREMENTS, Measurement, measurement_of
from auxjepa.benchmarks.task import Task, TaskError, check
from auxjepa.benchmarks.world import WORLD
from auxjepa.config import ConfigError, hint
from auxjepa.modules import make_registry
from auxjepa.sealed import first_line

BENCHMARKS: dict[str, Benchmark] = {
    benchmark.name: benchmark
    for benchmark in (
        *WORLD,
        world.APPEARANCE_2,
        *recognition.RECOGNITION,
        *alternative_heads.ALTERNATIVE_HEADS,
        *motion_discrimination.MOTION_DISCRIMINATION,
        *physics.PHYSICS,
        *robustness.ROBUSTNESS,
        *kinetics_shift.KINETICS_SHIFT,
        *fewshot.FEWSHOT,
        *epic_fewshot.EPIC_FEWSHOT,
        *factors.FACTORS,
        *cka.CKA,
        *alignment.ALIGNMENT,
        *captioned.CAPTIONED,
    )
}
MEASUREMENTS.update(
    {
        "": score.MEASUREMENT,
        "alignment": alignment.MEASUREMENT,
        "captioned": captioned.MEASUREMENT,
        "cka": cka.MEASUREMENT,
        "diagnostic": score.OWN_CLIPS_MEASUREMENT,
        "corruptions": robustness.CORRUPTION_MEASUREMENT,
        "epic_fewshot": epic_fewshot.MEASUREMENT,
        "factors": factors.MEASUREMENT,
        "fewshot": fewshot.MEASUREMENT,
        "kinetics_shift": kinetics_shift.MEASUREMENT,
        "physics": physics.MEASUREMENT,
        "recognition": recognition.MEASUREMENT,
        "regression": regression.MEASUREMENT,
        "same_video": same_video.MEASUREMENT,
        "shifts": robustness.SHIFT_MEASUREMENT,
    }
)

__all__ = [
    "BENCHMARKS",
    "MEASUREMENTS",
    "Benchmark",
    "Measurement",
    "Task",
    "TaskError",
    "check",
    "get",
    "measurement_of",
]


def get(name: str) -> Benchmark:
    """Return a registered benchmark.

    Args:
        name: name of the benchmark.

    Raises:
        ConfigError: if the name is unknown; the message names the nearest known one.
    """
    if name in BENCHMARKS:
        return BENCHMARKS[name]
    entries = plugins.installed(plugins.BENCHMARKS)
    if name in entries:
        return _benchmark_of_task(name)
    raise ConfigError(f"unknown benchmark {name!r}{hint(name, [*BENCHMARKS, *entries], cutoff=0.4)}")


def _benchmark_of_task(name: str) -> Benchmark:
    """Return the record of a benchmark of a plug-in. Its hash covers version and source of the plug-in."""
    own_task, source = task.find_task(name)
    try:
        return Benchmark.model_validate(
            {
                "name": name,
                "version": own_task.version,
                "title": own_task.title,
                "capability": own_task.capability,
                "source": f"{task.PREFIX}{name}",
                "label": name,
                "classes": own_task.classes,
                "protocol": world.ATTENTIVE,
                "args": {"plugin": source},
                "controls": opened.CLASS_CONTROLS,
            }
        )
    except (AttributeError, ValidationError) as error:
        why = first_line(error) if isinstance(error, ValidationError) else str(error)
        raise ConfigError(f"benchmark {name!r} ({source}): {why}") from None


make_registry(__name__, lambda: [*BENCHMARKS, *plugins.installed(plugins.BENCHMARKS)], get)
