"""Eight kinds of physics: recognition of the law of a motion by a frozen encoder, with new parameters of the law.

The suite is ``physics``. The score is the accuracy on test clips with parameters that no training clip has. Parts:
``known`` is the accuracy on half as many clips with parameters from the training ranges. Each kind is a part with its
share of recognised clips.
"""

from __future__ import annotations

import numpy as np

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.measurement import Measurement
from auxjepa.benchmarks.score import Scorer
from auxjepa.data.synthetic.paths import KINDS
from auxjepa.probes.fit import Score
from auxjepa.probes.protocol import Protocol
from auxjepa.rows import Control

ATTENTIVE = Protocol(name="attentive", head="attentive", epochs=15, learning_rates=(1e-3, 3e-3))
RELEASED = Protocol(
    name="released_physics",
    head="attentive_released",
    centre=False,
    whiten=False,
    epochs=50,
    batch=32,
    learning_rates=(1e-3,),
    select="last",
)
CONTROLS: tuple[Control, ...] = ("random_init", "raw_pixels", "majority", "chance")


def measure(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Return the accuracy in percent on test clips with held-out parameters. The module describes its parts.

    Args:
        scorer: scorer of the encoder.
        benchmark: the benchmark.
    """
    fitted = scorer.fitted(benchmark)
    score = fitted.score(scorer.split(benchmark, "test"))
    assert score.correct is not None
    labels = benchmark.open(scorer.data, "test", progress=False).labels
    half = benchmark.model_copy(update={"test": max(1, benchmark.test // 2)})
    parts = {"known": fitted.score(scorer.split(half, "known")).test}
    parts |= {name: 100 * float(np.mean(score.correct[labels == kind])) for kind, name in enumerate(KINDS)}
    return Score(score.test, score.validation, score.correct, score.selected, parts)


def _of(
    name: str, title: str, protocol: Protocol, sizes: tuple[int, int, int], controls: tuple[Control, ...]
) -> Benchmark:
    train, validation, test = sizes
    return Benchmark(
        name=name,
        title=title,
        capability="motion",
        source=f"synthetic:{name}",
        label="kind",
        classes=len(KINDS),
        protocol=protocol,
        suite="physics",
        controls=controls,
        train=train,
        validation=validation,
        test=test,
    )


LAPTOP = (3200, 800, 2408)
PHYSICS = (
    _of("physics", "Eight physics (8)", ATTENTIVE, LAPTOP, CONTROLS),
    _of("physics_plain", "Eight physics without distractors (8)", ATTENTIVE, LAPTOP, CONTROLS),
    _of(
        "physics_released",
        "Eight physics, 50,000 clips at 224 px (8)",
        RELEASED,
        (35_000, 5_000, 10_000),
        ("random_init", "majority", "chance"),
    ),
)


MEASUREMENT = Measurement(measure=measure, marks_each_clip=True)
