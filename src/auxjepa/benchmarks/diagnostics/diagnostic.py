"""The diagnostics: benchmarks whose labels are made from the clips, so that any folder of videos has them."""

from __future__ import annotations

from pydantic import Field

from auxjepa.benchmarks.diagnostics.arrangements import (
    ORDERS,
    SPEEDS,
    Arrange,
    at_speed,
    forward_or_backward,
    in_order,
    unchanged,
)
from auxjepa.benchmarks.diagnostics.flow import DIRECTIONS
from auxjepa.benchmarks.diagnostics.windows import Placement
from auxjepa.config import ConfigError, hint
from auxjepa.typed import Count, Natural, Typed

MOST_CLIPS, CLIPS_EACH = 1500, 8
"""Largest number of clips of a folder and of a video by default."""


class Diagnostic(Typed):
    """A diagnostic: the task, the capability that it is named after, and its source in the literature."""

    name: str
    version: Count = 1
    title: str
    capability: str
    reference: str
    classes: Natural = Field(description="number of classes; 1 for a number, 0 if each test video is a class")
    suite: str
    placement: Placement = "spread"
    lengthening: Count = Field(default=1, description="frames of a window for each frame of a clip")
    divisor: Count = Field(default=1, description="number by which the frames of a clip must be divisible")


ARROW = Diagnostic(
    name="arrow_of_time",
    title="Arrow of time",
    capability="order",
    reference="Wei et al. 2018, Learning and Using the Arrow of Time",
    classes=2,
    suite="diagnostic",
)
SPEED = Diagnostic(
    name="playback_speed",
    title="Playback speed",
    capability="motion",
    reference="Benaim et al. 2020, SpeedNet: Learning the Speediness in Videos",
    classes=len(SPEEDS),
    suite="diagnostic",
    lengthening=SPEEDS[-1],
)
ORDER = Diagnostic(
    name="frame_order",
    title="Order of segments",
    capability="order",
    reference="Lee et al. 2017, Unsupervised Representation Learning by Sorting Sequences; Xu et al. 2019, "
    "Self-Supervised Spatiotemporal Learning via Video Clip Order Prediction",
    classes=len(ORDERS),
    suite="diagnostic",
    divisor=4,
)
FLOW_DIRECTION = Diagnostic(
    name="flow_direction",
    title="Direction of flow",
    capability="motion",
    reference="Farnebäck 2003, Two-Frame Motion Estimation Based on Polynomial Expansion",
    classes=len(DIRECTIONS),
    suite="diagnostic",
)
FLOW_MAGNITUDE = Diagnostic(
    name="flow_magnitude",
    title="Magnitude of flow",
    capability="motion",
    reference="Farnebäck 2003, Two-Frame Motion Estimation Based on Polynomial Expansion",
    classes=1,
    suite="regression",
)
SAME_VIDEO = Diagnostic(
    name="same_video",
    title="Another moment of the same video",
    capability="appearance",
    reference="Sermanet et al. 2018, Time-Contrastive Networks; Qian et al. 2021, Spatiotemporal Contrastive Video "
    "Representation Learning (moments of one video as positive pairs)",
    classes=0,
    suite="same_video",
    placement="pair",
)
SAME_SCENE_FAR = Diagnostic(
    name="same_scene_far",
    title="First and last moment of the same video",
    capability="appearance",
    reference="Qian et al. 2021, Spatiotemporal Contrastive Video Representation Learning (distant moments of one "
    "video)",
    classes=0,
    suite="same_video",
    placement="ends",
)
DIAGNOSTICS: dict[str, Diagnostic] = {
    one.name: one for one in (ARROW, SPEED, ORDER, FLOW_DIRECTION, FLOW_MAGNITUDE, SAME_VIDEO, SAME_SCENE_FAR)
}
"""Every diagnostic by its name."""
ARRANGEMENTS: dict[str, Arrange] = {
    ARROW.name: forward_or_backward,
    SPEED.name: at_speed,
    ORDER.name: in_order,
}
"""Arrangement of frames of each diagnostic with one; :func:`unchanged` is that of the others."""


def find_diagnostic(name: str) -> Diagnostic:
    """Return a diagnostic.

    Args:
        name: name of the diagnostic.

    Raises:
        ConfigError: if the name is unknown; the message names the nearest known one.
    """
    if name not in DIAGNOSTICS:
        raise ConfigError(f"no diagnostic {name!r}{hint(name, DIAGNOSTICS)} (known: {', '.join(DIAGNOSTICS)})")
    return DIAGNOSTICS[name]


def arrangement_of(diagnostic: Diagnostic) -> Arrange:
    """Return the arrangement of frames of a diagnostic.

    Args:
        diagnostic: the diagnostic.
    """
    return ARRANGEMENTS.get(diagnostic.name, unchanged)
