"""``auxjepa embed``: features of videos under the frozen encoder of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from auxjepa.cli.flags import UsageError, parse
from auxjepa.config import Count, DataConfig, Typed
from auxjepa.console import print_note, printable
from auxjepa.data.space import readable
from auxjepa.limits import usable_memory


class Command(Typed):
    """Features of any video. Each video gives ``clips`` clips of the length that the encoder was trained on, spread
    evenly; the output holds one row a clip, videos in the order given. A .safetensors file names them, and the videos
    that were left out because they can't be read; for a .npy file such a video is an error."""

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
    from functools import partial as bound

    from rich.progress import track
    from safetensors.numpy import save_file

    from auxjepa.data.errors import VideoError
    from auxjepa.data.manifest.padding import count_repeats
    from auxjepa.data.media.read_clips import read_clips
    from auxjepa.devices import open_device
    from auxjepa.files import replacing
    from auxjepa.probes.features import encode
    from auxjepa.runs.record import choose
    from auxjepa.start import check_file
    from auxjepa.threads import use_threads
    from auxjepa.train.checkpoint import load_encoder

    device = open_device(args.device)
    check_file(args.out, "--out")
    chosen = choose(args.run)
    if chosen.caution:
        print_note(chosen.caution)
    encoder, state = load_encoder(chosen.path, args.role)
    encoder.to(device)
    use_threads()
    data, model = state.config.data, state.config.model
    _check_memory(args, data, encoder.width.dim, data.frames // model.tubelet * (data.size // model.patch) ** 2)
    rows: list[np.ndarray] = []
    names: list[str] = []
    frames: list[list[int]] = []
    left_out: list[VideoError] = []
    read = read_clips(args.videos, bound(windows, data=data, count=args.clips), size=data.size)
    for video in track(read, "videos", total=len(args.videos), disable=len(args.videos) < 2):
        if isinstance(video, VideoError):
            if args.out.suffix == ".npy" or len(args.videos) == 1:  # whose rows have no names
                raise video
            left_out.append(video)
            continue
        for indices, clip in zip(video.indices, video.clips, strict=True):
            tokens = encode(encoder, clip[None], tubelet=model.tubelet, patch=model.patch)[0].cpu().numpy()
            rows.append(tokens if args.tokens else tokens.mean(axis=0))
            names.append(str(video.path))
            frames.append(indices.tolist())
    for error in left_out:
        print_note(f"left out: {error}")
    if not rows:
        raise VideoError(args.videos[0].parent, f"none of {len(args.videos)} videos can be read")
    padding = count_repeats(np.array([len(set(one)) for one in frames]), data.frames)
    if padding.summary():
        print_note(padding.summary())
    features = np.stack(rows).astype(np.float32)
    with replacing(args.out) as partial:
        if args.out.suffix == ".npy":
            with partial.open("wb") as file:
                np.save(file, features, allow_pickle=False)
        else:
            about = {"videos": json.dumps(names), "frames": json.dumps(frames), "role": args.role}
            about |= {"step": str(state.step), "steps": str(state.config.optim.steps)}
            about["padding"] = json.dumps(padding.record())
            if left_out:
                about["left_out"] = json.dumps({str(error.path): error.reason for error in left_out})
            save_file({"features": features}, partial, metadata=about)
    also = f", {len(left_out)} of {len(args.videos)} videos left out" if left_out else ""
    print(printable(f"{args.out}: {' x '.join(map(str, features.shape))}{also}"))


def _check_memory(args: Command, data: DataConfig, dim: int, tokens: int) -> None:
    """Nothing, if memory can hold the features and the clips of a video.

    Args:
        dim: channels of a token. tokens: of a clip.

    Raises:
        UsageError: when it can't.
    """
    features = 4 * len(args.videos) * args.clips * dim * (max(1, tokens) if args.tokens else 1)
    indices = 8 * args.clips * data.frames
    if features + indices > usable_memory():
        what = f"features of {args.clips:,} clips of {len(args.videos):,} videos take {readable(features + indices)}"
        raise UsageError(f"{what}, and this machine has {readable(usable_memory())} of memory: lower --clips")


def windows(times: np.ndarray, duration: float, data: DataConfig, count: int) -> list[np.ndarray]:
    """Frame numbers of ``count`` clips spread evenly over a video (short ones repeat the last frame).

    Args:
        times: seconds at which each frame appears. duration: seconds of the whole video. data: says how the encoder's
            training clips were cut, by stride or by time.
    """
    from auxjepa.data.media.sampling import by_seconds, by_stride, start_frame, start_second

    places = [0.5] if count == 1 else np.linspace(0, np.nextafter(1, 0), count).tolist()
    if data.fps is None:
        starts = [start_frame(len(times), data.frames, data.stride, place) for place in places]
        return [by_stride(len(times), data.frames, data.stride, start).indices for start in starts]
    seconds = [start_second(duration, data.frames, data.fps, place) for place in places]
    return [by_seconds(times, duration, data.frames, data.fps, start).indices for start in seconds]
