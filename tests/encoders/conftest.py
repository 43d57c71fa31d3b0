"""A short run on noise, and videos that are read with its encoder."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from auxjepa.config import RunConfig
from auxjepa.train.loop import Run


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run on clips of 4 frames of 16 x 16 pixels."""
    config = RunConfig.model_validate(
        {"variant": "mine", "data": {"frames": 4, "size": 16}, "optim": {"steps": 3, "batch": 4}, "seed": 5}
    )
    folder = tmp_path_factory.mktemp("encoders") / "run"
    clips = np.random.default_rng(0).integers(0, 256, (8, 4, 16, 16, 3), dtype=np.uint8)
    Run(config, clips, folder).train()
    return folder


@pytest.fixture(scope="session")
def make_video() -> Callable[..., Path]:
    """``make_video(path, frames=12, seed=0)``: an H.264 file of noise."""

    def make(path: Path, frames: int = 12, seed: int = 0) -> Path:
        rng = np.random.default_rng(seed)
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=25, options={"tune": "zerolatency"})
            stream.codec_context.thread_count = 1
            stream.width, stream.height, stream.pix_fmt = 32, 24, "yuv420p"
            for number in range(frames):
                frame = av.VideoFrame.from_ndarray(rng.integers(0, 256, (24, 32, 3), dtype=np.uint8), format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, 25)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path

    return make
