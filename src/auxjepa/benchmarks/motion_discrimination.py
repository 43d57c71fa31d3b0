"""Synthetic motion discrimination: the paper's 8-direction task, and ours with enough clips to separate encoders.

40 test clips give scores in steps of 2.5 points, with a 95 % interval of 15 points to either side at 50 %
(docs/probes/motion_discrimination.md). 2,408 test clips give an interval of 2 points.
"""

from __future__ import annotations

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.world import ATTENTIVE
from auxjepa.probes.protocol import Protocol
from auxjepa.rows import Control

RELEASED = Protocol(
    name="released_motion",
    head="attentive_released",
    centre=False,
    whiten=False,
    epochs=100,
    batch=32,
    learning_rates=(3e-4,),
    select="last",
)
"""Protocol of docs/paper/protocols.md, except that the learning rate decays along a half cosine."""
FEW = ATTENTIVE.model_copy(update={"name": "attentive_few", "epochs": 100, "batch": 32})
"""Our protocol for few clips. The released probe doesn't whiten features and stays at chance on small encoders."""
SMALL = {"train": 160, "validation": 80, "test": 40}
CONTROLS: tuple[Control, ...] = ("random_init", "majority", "chance")


def _of(name: str, title: str, source: str, protocol: Protocol, sizes: dict[str, int]) -> Benchmark:
    return Benchmark(
        name=name,
        title=title,
        capability="motion",
        source=f"synthetic:{source}",
        label="direction",
        classes=8,
        protocol=protocol,
        controls=CONTROLS,
        train=sizes["train"],
        validation=sizes["validation"],
        test=sizes["test"],
    )


MOTION_DISCRIMINATION = (
    _of(
        "motion_discrimination",
        "Motion discrimination (8)",
        "directions",
        ATTENTIVE,
        {"train": 1600, "validation": 800, "test": 2408},
    ),
    _of(
        "motion_discrimination_released",
        "Motion discrimination as released, 160 px (8)",
        "directions_released",
        RELEASED,
        SMALL,
    ),
    _of(
        "motion_discrimination_40",
        "Motion discrimination, 40 test clips (8)",
        "directions_scaled",
        FEW,
        SMALL,
    ),
)
