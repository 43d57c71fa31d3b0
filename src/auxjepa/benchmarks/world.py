"""Benchmarks on the synthetic factor world.

Appearance corresponds to ImageNet-100 (still images, with shapes and textures that no pretraining clip has). Fine
motion corresponds to Diving-48 (direction x speed profile x rotation). Temporal order corresponds to
Something-Something V2.
"""

from __future__ import annotations

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.probes.protocol import Protocol

LINEAR = Protocol(name="linear", head="linear", epochs=40)
ATTENTIVE = Protocol(name="attentive", head="attentive", epochs=15, learning_rates=(1e-3, 3e-3))

APPEARANCE_2 = Benchmark(
    name="world_appearance_2",
    version=2,
    title="Appearance, pictures (20)",
    capability="appearance",
    role="pictures",
    label="image_class",
    classes=20,
    train=4000,
    validation=1000,
    protocol=LINEAR,
)
"""Version 2 of appearance: upright pictures on the backgrounds of clips, and four times as many training images.

``world_appearance`` has backgrounds that pretraining never shows, and sprites at any angle. Both hide shape and texture
from a linear reading of small encoders (docs/probes/appearance.md).
"""

WORLD = (
    Benchmark(
        name="world_appearance",
        title="Appearance (20)",
        capability="appearance",
        role="images",
        label="image_class",
        classes=20,
        train=1000,
        validation=400,
        protocol=LINEAR,
    ),
    Benchmark(
        name="world_direction",
        title="Direction (8)",
        capability="motion",
        label="direction",
        classes=8,
        protocol=ATTENTIVE,
    ),
    Benchmark(
        name="world_fine_motion",
        title="Fine motion (48)",
        capability="motion",
        label="fine_motion",
        classes=48,
        protocol=ATTENTIVE,
    ),
    Benchmark(
        name="world_order",
        title="Temporal order (8)",
        capability="order",
        role="order",
        label="order",
        classes=8,
        protocol=ATTENTIVE,
    ),
)
