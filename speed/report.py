"""Measure how long a report takes to build and to open: ``python -m speed.report [--rows 10000]``.

The rows are random (50 variants, 10 seeds, and as many benchmarks as needed), and the runs have curves of 200 steps.
Opening is measured in headless Chromium, if it is installed, from the start to the end of the load event.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import yaml

from auxjepa import report
from auxjepa.rows import Row, RowStore
from auxjepa.runs.summary import Summary, write_summary

VARIANTS, SEEDS, STEPS, N_TEST = 50, 10, 200, 1000
CAPABILITIES = ("appearance", "motion", "order")


def write(folder: Path, rows: int) -> int:
    """Write a study folder with about ``rows`` scores, and return their number.

    Args:
        folder: folder of the study.
        rows: number of scores.
    """
    rng = np.random.default_rng(0)
    benchmarks = [f"benchmark_{i}" for i in range(max(1, rows // (VARIANTS * SEEDS)))]
    variants = ["baseline", *(f"variant_{i}" for i in range(1, VARIANTS))]
    store, lines = RowStore(folder), []
    (folder / "correct").mkdir(parents=True)
    for v, variant in enumerate(variants):
        for seed in range(SEEDS):
            run = f"{v:02d}{seed:02d}"
            for benchmark in benchmarks:
                correct = rng.random(N_TEST) < 0.3 + 0.005 * v
                row = Row(
                    run=run,
                    variant=variant,
                    regime="world",
                    seed=seed,
                    benchmark=benchmark,
                    benchmark_hash=benchmark,
                    protocol="linear",
                    protocol_hash="p",
                    score=100 * float(correct.mean()),
                    validation=30.0,
                    n_test=N_TEST,
                    n_classes=10,
                )
                lines.append(row.model_dump_json() + "\n")
                (folder / "correct" / f"{row.id}.bin").write_bytes(np.packbits(correct).tobytes())
            _run(folder / "runs" / run, variant, seed, rng)
    store.path.write_text("".join(lines))
    info = {
        b: {"title": b, "capability": CAPABILITIES[i % 3], "hash": b, "n_test": N_TEST, "n_classes": 10}
        for i, b in enumerate(benchmarks)
    }
    (folder / "benchmarks.json").write_text(json.dumps(info))
    study = {"name": "big", "question": "?", "reference": "baseline", "variants": variants, "phase": "screen"}
    study |= {"seeds": list(range(SEEDS)), "benchmarks": benchmarks, "command": "none"}
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    return len(lines)


def _run(folder: Path, variant: str, seed: int, rng: np.random.Generator) -> None:
    folder.mkdir(parents=True)
    losses = rng.random((STEPS, 3)).tolist()
    records = [{"step": s, "loss": a, "terms/prediction": b, "grad_norm": c} for s, (a, b, c) in enumerate(losses)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    summary = {"variant": variant, "seed": seed, "regime": "world", "steps": STEPS, "verdict": "healthy"}
    summary |= {"hash": folder.name, "parameters": 170_000, "shares": {}, "peak_memory_mb": 600.0}
    summary |= {"seconds": 20.0, "cpu_seconds": 20.0, "milliseconds_per_step": 20_000 / STEPS}
    write_summary(folder, Summary.model_validate(summary))


def opening(page: Path, profile: str) -> float | None:
    """Return the seconds that Chromium takes to load the page and return its tree; None without Chromium.

    Args:
        page: the page.
        profile: folder of the browser's profile.
    """
    browser = shutil.which("chromium")
    if browser is None:
        return None
    flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    command = [browser, *flags.split(), "--disable-component-update", "--disable-sync", f"--user-data-dir={profile}"]
    start = time.perf_counter()
    subprocess.run([*command, "--dump-dom", page.as_uri()], capture_output=True, check=True, timeout=120)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "study"
        count = write(folder, args.rows)
        wall, cpu = time.perf_counter(), time.process_time()
        page = report.build(folder)
        print(f"{count} rows: built in {time.perf_counter() - wall:.1f} s ({time.process_time() - cpu:.1f} CPU-s)")
        print(f"page of {page.stat().st_size / 1e6:.1f} MB")
        empty = Path(place) / "empty.html"
        empty.write_text("<!doctype html><title>x</title>")
        times = [opening(path, f"{place}/profile") for path in (empty, empty, page)]
        if times[0] is None:
            print("Chromium isn't installed: opening was not measured")
        else:
            print(f"opened in {times[2]:.1f} s, an empty page in {times[1]:.1f} s")


if __name__ == "__main__":
    main()
