"""Measure the memory of a probe on features that are larger than memory: ``python -m speed.features [--clips 2000]``.

Random features (1,568 tokens of 192 channels a clip by default) are stored on disk like those of an extraction. An
attentive probe is fitted on them for one epoch in two ways: with all features in memory as float32, and with features
read as needed. Each way is a separate process. Its peak is that of the whole process (``ru_maxrss``) minus the memory
before the features were opened.
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
    """Write features in shards of 64 clips as float16. Each class shifts the mean of its clips.

    Args:
        folder: folder of the shards.
        clips: number of clips.
        tokens: tokens of a clip.
        channels: channels of a token.
    """
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(CLASSES, 1, channels)).astype(np.float32)
    for start in range(0, clips, 64):
        labels = np.arange(start, min(start + 64, clips)) % CLASSES
        noise = rng.standard_normal((len(labels), tokens, channels), np.float32)
        np.save(folder / f"{start:08d}.npy", (noise + 0.3 * centres[labels]).astype(np.float16))


def measure(folder: Path, way: str) -> dict[str, float]:
    """Fit one epoch, and return peak memory (MB), seconds, and the percentage of correct validation clips.

    Args:
        folder: folder of the shards.
        way: "memory" or "disk".
    """
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
    """Write the features, measure both ways, and print the results."""
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
            measured = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            peak, seconds, correct = (measured[key] for key in ("peak_mb", "seconds", "validation"))
            print(f"{way:>7}: peak {peak:,.0f} MB, {seconds:.0f} s, {correct:.1f} % right")


if __name__ == "__main__":
    main()
