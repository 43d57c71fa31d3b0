"""Settings of a probe, for the command line and for Python. Imports no torch."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from auxjepa.config import Count, Natural, Positive, Typed, Whole
from auxjepa.probes.protocol import Head


class ProbeConfig(Typed):
    """Settings of a probe: the benchmarks of a frozen encoder, and the extraction of its features."""

    benchmark: tuple[str, ...] = Field(
        default=(),
        description="names of benchmarks; the four world ones when unset. With --data folder:PATH: names of "
        "diagnostics (arrow_of_time, playback_speed, frame_order, flow_direction, flow_magnitude, same_video, "
        "same_scene_far), or 'diagnostics' for all",
    )
    data: str | None = Field(
        default=None, description="a prepared data set, folder:PATH or shards:URL of labelled videos"
    )
    label: str = Field(default="folder", description="a label column; 'folder': names of subfolders, a data set's own")
    target: Literal["auto", "class", "number"] = Field(
        default="auto",
        description="what a label column holds: classes, or a number a clip (regression). 'auto': a number if it has "
        "over 20 different values that aren't all whole",
    )
    clips: Count | None = Field(default=None, description="clips cut from the videos; one a video when unset")
    allow_padding: bool = Field(default=False, description="score clips even if most are mostly repeated frames")
    frames: Count | None = Field(
        default=None, description="frames of the clips of an encoder from elsewhere; those that it reads when unset"
    )
    size: Count | None = Field(
        default=None,
        description="size in the name of the task of an encoder from elsewhere; its own when unset. Give that of a run "
        "to compare rows with the run's. Videos are decoded at the encoder's size",
    )
    stride: Count | None = Field(default=None, description="source frames per clip frame; encoders from elsewhere only")
    fps: Positive | None = Field(default=None, description="sample by time instead; encoders from elsewhere only")
    head: Head | None = Field(default=None, description="head of the probe; the protocol's when unset")
    channels: Literal["all", "appearance", "dynamics"] | None = Field(default=None, description="which half is read")
    level: Whole | None = Field(default=None, description="which of the encoder's levels is read; -1 is the last")
    role: Literal["student", "teacher", "random_init"] = "student"
    probe_version: Literal[1, 2] = Field(
        default=2, description="version of the probe: 1 has the narrower grids of earlier scores"
    )
    controls: bool = Field(default=True, description="also score the random-init encoder and the majority class")
    seed: Natural = Field(default=0, description="seed of the probe")
    name: str = Field(default="", description="name of the encoder in rows; its variant when unset")
