"""Memory of a probe on features larger than memory should be: ``python -m speed.features [--clips 2000]``.

Made-up features (1,568 tokens of 192 channels a clip unless told otherwise) are kept on disk as an extraction keeps
them, and an attentive probe is fitted on them for one epoch: all in memory as float32, as every version before held
them, and read as they are needed. Each is a process of its own; its peak is that of the whole process (``ru_maxrss``)
less what it held before the features were opened.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from auxjepa.probes.fit import Split, fit_probe
from auxjepa.probes.kept import Features, Shard
from auxjepa.probes.protocol import Protocol

CLASSES = 20
WAYS = ("memory", "disk")


def write(folder: Path, clips: int, tokens: int, channels: int) -> None:
    """Features in shards of 64 clips, float16; a class moves the mean of its clips."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(CLASSES, 1, channels)).astype(np.float32)
    for start in range(0, clips, 64):
        labels = np.arange(start, min(start + 64, clips)) % CLASSES
        noise = rng.standard_normal((len(labels), tokens, channels), np.float32)
        np.save(folder / f"{start:08d}.npy", (noise + 0.3 * centres[labels]).astype(np.float16))


def measure(folder: Path, way: str) -> dict[str, float]:
    """Fit one epoch; peak memory in MB, seconds, and the share of validation clips that is right."""
    torch.set_num_threads(1)
    shards = [shard for path in sorted(folder.glob("*.npy")) if (shard := Shard.open(path)) is not None]
    features = Features(shards)
    before = _peak()
    cut = int(0.9 * len(features))
    tokens = features if way == "disk" else features[:]
    labels = torch.arange(len(features)) % CLASSES
    if isinstance(tokens, Features):
        parts = tokens.take(torch.arange(cut)), tokens.take(torch.arange(cut, len(features)))
    else:
        parts = tokens[:cut], tokens[cut:]
    recipe = Protocol(name="attentive", head="attentive", epochs=1, batch=64, learning_rates=(1e-3,))
    begin = time.perf_counter()
    fitted = fit_probe(recipe, Split(parts[0], labels[:cut]), Split(parts[1], labels[cut:]), CLASSES, seed=0)
    seconds = time.perf_counter() - begin
    return {"peak_mb": _peak() - before, "seconds": seconds, "validation": fitted.validation}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Write, measure both ways, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=2000)
    parser.add_argument("--tokens", type=int, default=1568)
    parser.add_argument("--channels", type=int, default=192)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.way:
        print(json.dumps(measure(args.folder, args.way)))
        return
    with tempfile.TemporaryDirectory(prefix="auxjepa-features-") as place:
        write(Path(place), args.clips, args.tokens, args.channels)
        size = sum(path.stat().st_size for path in Path(place).iterdir())
        print(f"{args.clips:,} clips x {args.tokens:,} tokens x {args.channels} channels: {size / 1e9:.2f} GB on disk")
        for way in WAYS:
            command = [sys.executable, "-m", "speed.features", "--folder", place, "--way", way]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(
                f"{way:>7}: peak {told['peak_mb']:,.0f} MB, {told['seconds']:.0f} s, {told['validation']:.1f} % right"
            )


if __name__ == "__main__":
    main()
