"""``auxjepa embed``: computes features of videos with the frozen encoder of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from auxjepa.cli.flags import UsageError, parse
from auxjepa.config import Count, Typed
from auxjepa.console import print_note, printable


class Command(Typed):
    """Features of any video, under the encoder of a run or an encoder from elsewhere. Each video gives ``clips`` clips
    of the length that the encoder was trained on, spread evenly; the output holds one row a clip, videos in the order
    given. A .safetensors file names them, and the videos that were left out because they can't be read; for a .npy file
    such a video is an error."""

    run: str = Field(
        description="run folder or checkpoint; or run:DIR, hf:NAME_OR_FOLDER, timm:NAME, python:MODULE:FUNCTION"
    )
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

    import numpy as np
    from rich.progress import track
    from safetensors.numpy import save_file

    from auxjepa.data.errors import VideoError
    from auxjepa.devices import open_device
    from auxjepa.encoders import Encoder, VideoFeatures
    from auxjepa.files import replacing
    from auxjepa.interface.loading import open_videos
    from auxjepa.start import check_file
    from auxjepa.threads import use_threads

    device = open_device(args.device)
    check_file(args.out, "--out")
    encoder = open_videos(args.run, args.role, device)
    if encoder.caution:
        print_note(encoder.caution)
    use_threads()
    videos: list[VideoFeatures] = []
    left_out: list[VideoError] = []
    read = encoder.read(args.videos, clips=args.clips, pool=not args.tokens)
    for video in track(read, "videos", total=len(args.videos), disable=len(args.videos) < 2):
        if isinstance(video, VideoFeatures):
            videos.append(video)
        elif args.out.suffix == ".npy" or len(args.videos) == 1:  # rows of such a file have no names
            raise video
        else:
            left_out.append(video)
    for error in left_out:
        print_note(f"left out: {error}")
    if not videos:
        raise VideoError(args.videos[0].parent, f"none of {len(args.videos)} videos can be read")
    padding = encoder.padding(videos)
    if padding.summary():
        print_note(padding.summary())
    features = np.concatenate([video.features for video in videos])
    with replacing(args.out) as partial:
        if args.out.suffix == ".npy":
            with partial.open("wb") as file:
                np.save(file, features, allow_pickle=False)
        else:
            frames = [clip for video in videos for clip in video.frames]
            names = [str(video.path) for video in videos for _ in video.frames]
            about = {"videos": json.dumps(names), "frames": json.dumps(frames)}
            if isinstance(encoder, Encoder):
                about |= {"role": args.role, "step": str(encoder.step), "steps": str(encoder.config.optim.steps)}
            else:
                about["encoder"] = json.dumps(encoder.record.content())
            about["padding"] = json.dumps(padding.record())
            if left_out:
                about["left_out"] = json.dumps({str(error.path): error.reason for error in left_out})
            save_file({"features": features}, partial, metadata=about)
    also = f", {len(left_out)} of {len(args.videos)} videos left out" if left_out else ""
    print(printable(f"{args.out}: {' x '.join(map(str, features.shape))}{also}"))
