"""``auxjepa embed``: features of videos under the frozen encoder of a run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from auxjepa.cli.flags import UsageError, parse
from auxjepa.config import Count, DataConfig, Typed


class Command(Typed):
    """Features of any video. Each video gives ``clips`` clips of the length that the encoder was trained on, spread
    evenly; the output holds one row a clip, videos in the order given."""

    run: Path = Field(description="run folder or checkpoint")
    videos: tuple[Path, ...] = Field(min_length=1, description="video files")
    out: Path = Field(default=Path("features.safetensors"), description=".npy or .safetensors")
    tokens: bool = Field(default=False, description="every token (clips x N x D) instead of their mean (clips x D)")
    clips: Count = Field(default=1, description="clips a video")
    role: Literal["student", "teacher"] = "student"
    device: str = "cpu"


def main(argv: list[str]) -> None:
    """Run the command."""
    args = parse(Command, argv, "auxjepa embed", ("run", "videos"))
    if args.out.suffix not in (".npy", ".safetensors"):
        raise UsageError(f"out must end in .npy or .safetensors, got {args.out.name!r}")
    import json

    from rich.console import Console
    from rich.progress import track
    from safetensors.numpy import save_file

    from auxjepa.data.padding import count_repeats
    from auxjepa.data.video import Video
    from auxjepa.probes.features import encode
    from auxjepa.train.checkpoint import load_encoder

    encoder, state = load_encoder(args.run, args.role)
    encoder.to(args.device)
    data, model = state.config.data, state.config.model
    rows: list[np.ndarray] = []
    names: list[str] = []
    frames: list[list[int]] = []
    for path in track(args.videos, "videos", disable=len(args.videos) < 2):
        with Video(path) as video:
            for indices in windows(video.times, video.info.duration, data, args.clips):
                clip = video.read(indices, size=data.size)
                tokens = encode(encoder, clip[None], tubelet=model.tubelet, patch=model.patch)[0].cpu().numpy()
                rows.append(tokens if args.tokens else tokens.mean(axis=0))
                names.append(str(path))
                frames.append(indices.tolist())
    padding = count_repeats(np.array([len(set(one)) for one in frames]), data.frames)
    if padding.summary():
        Console(stderr=True).print(padding.summary(), markup=False, highlight=False, soft_wrap=True)
    features = np.stack(rows).astype(np.float32)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    partial = args.out.with_name(f".{os.getpid()}.{args.out.name}")
    if args.out.suffix == ".npy":
        with partial.open("wb") as file:
            np.save(file, features, allow_pickle=False)
    else:
        about = {"videos": json.dumps(names), "frames": json.dumps(frames), "role": args.role}
        about["padding"] = json.dumps(padding.record())
        save_file({"features": features}, partial, metadata=about)
    partial.replace(args.out)
    print(f"{args.out}: {' x '.join(map(str, features.shape))}")


def windows(times: np.ndarray, duration: float, data: DataConfig, count: int) -> list[np.ndarray]:
    """Frame numbers of ``count`` clips spread evenly over a video (short ones repeat the last frame).

    Args:
        times: seconds at which each frame appears. duration: seconds of the whole video. data: says how the encoder's
            training clips were cut, by stride or by time.
    """
    from auxjepa.data.sampling import by_seconds, by_stride, start_frame, start_second

    places = [0.5] if count == 1 else np.linspace(0, np.nextafter(1, 0), count).tolist()
    if data.fps is None:
        starts = [start_frame(len(times), data.frames, data.stride, place) for place in places]
        return [by_stride(len(times), data.frames, data.stride, start).indices for start in starts]
    seconds = [start_second(duration, data.frames, data.fps, place) for place in places]
    return [by_seconds(times, duration, data.frames, data.fps, start).indices for start in seconds]
