"""``auxjepa masks``: draws the masks of a run's first steps over a real clip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from auxjepa.cli.flags import UsageError, validate
from auxjepa.cli.pretrain import resolve_flags
from auxjepa.cli.runflags import read_flags
from auxjepa.config import Count, RunConfig, Threads, Typed
from auxjepa.files import replacing

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from auxjepa.tokens import Grid

CELL = 1.15  # side of a frame in inches
DOTS = 120  # dots per inch
LARGEST_SIDE = 2**16  # largest side of a picture that can be written, in pixels


class Command(Typed):
    """Draw which tokens the student sees (as they are), which are hidden and predicted (dark, hatched) and which are in
    neither list (pale), one row a step and mask, one picture a time step.

    Every flag of ``auxjepa pretrain`` is taken too: --variant, --config, --masks.0.scale …
    """

    out: Path = Field(default=Path("masks.png"), description="picture to write (.png)")
    clip: Path | None = Field(default=None, description="video; the first clip of the run's pool when unset")
    steps: Count = Field(default=3, description="training steps to draw, from the first on")
    device: str = Field(default="cpu", description="without effect, as masks are drawn on the CPU")
    threads: Threads = Field(default=0, description="without effect")


def main(argv: list[str]) -> None:
    """Run the command."""
    own, flags = read_flags(Command, argv, "auxjepa masks")
    args = validate(Command, own)
    if args.out.suffix.lower() != ".png":
        raise UsageError(f"out must end in .png, got {args.out.name!r}")
    from auxjepa.start import check_file

    check_file(args.out, "--out")
    config = resolve_flags(flags)
    _check(config, args)
    clips = _clips(config, args.clip)
    rows = list(_rows(config, clips, args.steps))
    _draw(clips[0], rows, config, args.out)
    print(args.out)


def _check(config: RunConfig, args: Command) -> None:
    """Check whether the picture can be drawn.

    Raises:
        ConfigError: if there is no such mask, objective or data set, if clips cannot be cut into tokens or do not fit
            into memory, or if the picture is too large for image viewers.
    """
    from auxjepa.data.space import readable
    from auxjepa.limits import usable_memory
    from auxjepa.objectives import find
    from auxjepa.train.checks import check_masks, check_sources
    from auxjepa.train.setup import check_cuts, registered
    from auxjepa.train.size import clip_bytes

    check_cuts(config)
    needs = config.optim.batch * 5 * max(clip_bytes(data) for data in config.data.sources.values())
    if needs > usable_memory():
        what = f"{config.optim.batch:,} clips take {readable(needs)} of memory"
        raise UsageError(f"{what}, and this machine has {readable(usable_memory())}: lower optim.batch or the clips")
    rows, columns = 1 + args.steps * len(config.masks), max(1, config.data.frames // config.model.tubelet)
    if max(rows * (CELL + 0.22), columns * CELL) * DOTS >= LARGEST_SIDE:
        what = f"a picture of {rows:,} rows and {columns:,} time steps is too large"
        raise UsageError(f"{what}: lower --steps, or draw shorter clips")
    for key in config.objectives:
        find(registered(config, key))
    check_masks(config, config.data)
    if args.clip is None:
        check_sources(config)


def _clips(config: RunConfig, video: Path | None) -> np.ndarray:
    """Return a batch of clips, uint8 ``B F X Y 3``. The first clip is drawn.

    Training cuts the lists of tokens of a batch to one length, so drawing needs a whole batch too.
    Clips of one video are spread evenly over the video.
    """
    import numpy as np

    wanted, data = config.optim.batch, config.data
    if video is None:
        from auxjepa.data.open import open_pool

        pool = open_pool(data.model_copy(update={"clips": min(data.clips, wanted)})).clips
        return np.array(pool[:wanted])
    from functools import partial

    from auxjepa.data.errors import VideoError
    from auxjepa.data.media.read_clips import read_clips

    (read,) = read_clips([video], partial(_cuts, frames=data.frames, stride=data.stride, count=wanted), size=data.size)
    if isinstance(read, VideoError):
        raise read
    return read.clips


def _cuts(times: np.ndarray, _duration: float, *, frames: int, stride: int, count: int) -> list[np.ndarray]:
    """Return the frame numbers of ``count`` clips that are spread evenly over a video."""
    import numpy as np

    from auxjepa.data.media.sampling import by_stride

    last = max(0, len(times) - ((frames - 1) * stride + 1))
    starts = np.linspace(0, last, count).round().astype(int)
    return [by_stride(len(times), frames, stride, start).indices for start in starts.tolist()]


def _rows(config: RunConfig, clips: np.ndarray, steps: int) -> Any:
    """Yield the title and the visible and hidden tokens (``T H W`` each) of the first clip, for each step and mask."""
    import torch

    from auxjepa import masks
    from auxjepa.data.loading.augment import normalise
    from auxjepa.tokens import occupancy

    grid = _grid(config, clips)
    pixels = normalise(torch.from_numpy(clips))
    for step in range(steps):
        drawn_now = masks.draw(config.masks, pixels, grid, seed=config.seed, step=step)
        for mask, drawn in zip(config.masks, drawn_now, strict=True):
            shown: list[Tensor] = [
                occupancy(index[:1], grid.N)[0].view(grid.T, grid.H, grid.W) for index in (drawn[0], drawn[1])
            ]
            share = [100 * float(x.float().mean()) for x in shown]
            title = f"step {step}, {mask.kind}: {share[0]:.0f} % visible, {share[1]:.0f} % hidden"
            yield title, shown[0].numpy(), shown[1].numpy()


def _grid(config: RunConfig, clips: np.ndarray) -> Grid:
    from auxjepa.tokens import Grid

    frames, rows, columns = clips.shape[1:4]
    return Grid.of_clip(frames, rows, columns, config.model.tubelet, config.model.patch)


def _draw(clip: np.ndarray, rows: list[Any], config: RunConfig, out: Path) -> None:
    """Write the picture atomically: the unchanged frames above one row for each entry of ``rows``."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    tubelet, patch = config.model.tubelet, config.model.patch
    steps = len(clip) // tubelet
    figure, axes = plt.subplots(
        len(rows) + 1, steps, figsize=(steps * CELL, (len(rows) + 1) * (CELL + 0.22)), dpi=DOTS, squeeze=False
    )
    titles = [f"{config.variant}: the clip, first frame of each time step"]
    pictures = [[clip[t * tubelet] for t in range(steps)]]
    for title, visible, hidden in rows:
        titles.append(title)
        pictures.append([_shaded(clip[t * tubelet], visible[t], hidden[t], patch) for t in range(steps)])
    for line, title, frames in zip(axes, titles, pictures, strict=True):
        for axis, frame in zip(line, frames, strict=True):
            axis.imshow(frame, interpolation="nearest")
            axis.set_axis_off()
        line[0].set_title(title, fontsize=7, loc="left", pad=3)
    figure.subplots_adjust(0.005, 0.005, 0.995, 0.97, wspace=0.05, hspace=0.25)
    with replacing(out) as partial:
        figure.savefig(partial, format="png", metadata={"Software": None})
    plt.close(figure)


def _shaded(frame: np.ndarray, visible: np.ndarray, hidden: np.ndarray, patch: int) -> np.ndarray:
    """Return the frame with dark, striped hidden tokens and pale tokens that are in neither list; ``X Y 3`` uint8."""
    import numpy as np

    seen, dark = (x.repeat(patch, 0).repeat(patch, 1)[..., None] for x in (visible, hidden))
    y, x = np.indices(frame.shape[:2])
    stripe = np.less((y + x) % max(2, patch // 2), max(1, patch // 8))[..., None]
    picture = frame.astype(float)
    veiled = np.where(stripe, 0.2 * picture + 115, 0.2 * picture)
    pale = 0.15 * picture + 0.85 * 235
    return np.where(dark, veiled, np.where(seen, picture, pale)).astype(np.uint8)
