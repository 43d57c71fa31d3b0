"""A synthetic study folder with planted effects, written as `auxjepa study run` writes one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from auxjepa.evidence.decisions import registration
from auxjepa.evidence.decisions.registration import Hypothesis, Measure, Registration, run_name
from auxjepa.evidence.study_folder.feature_pictures import digest_clips
from auxjepa.rows import Row, RowStore

VARIANTS = ["baseline", "ld", "ld_only", "fwm", "fwm_hw_ld"]
BENCHMARKS = {  # title, capability, classes, protocol, chance
    "world_appearance": ("Appearance", "appearance", 20, "linear", 5.0),
    "world_direction": ("Direction", "motion", 8, "attentive", 12.5),
    "world_fine_motion": ("Fine motion", "motion", 48, "attentive", 2.1),
    "world_order": ("Temporal order", "order", 8, "attentive", 12.5),
}
MEANS = {
    "baseline": (30.0, 49.4, 7.2, 20.1),
    "ld": (34.0, 58.1, 11.6, 43.5),
    "ld_only": (40.4, 60.1, 13.4, 49.1),
    "fwm": (30.3, 44.8, 6.9, 20.1),
    "fwm_hw_ld": (31.0, 52.0, 9.0, 33.0),
    "random_init": (28.7, 52.2, 8.5, 26.7),
    "raw_pixels": (13.3, 21.6, 9.8, 13.1),
    "majority": (5.0, 12.6, 2.2, 12.7),
    "chance": (5.0, 12.5, 2.1, 12.5),
}
N_TEST = 1000


@pytest.fixture(scope="session")
def write_study() -> Callable[..., Path]:
    """``write_study(folder, seeds=3, steps=60, rename={}, **yaml)``: a complete study folder."""

    def write(folder: Path, seeds: int = 3, steps: int = 60, rename: dict[str, str] | None = None, **settings) -> Path:
        name = lambda v: (rename or {}).get(v, v)  # noqa: E731
        rng = np.random.default_rng(0)
        store = RowStore(folder)
        luck = rng.normal(0, 1.0, (seeds, len(BENCHMARKS)))  # the offset of a seed, the same for all variants
        for who in MEANS:
            control = who if who not in VARIANTS else None
            for seed in range(seeds if control in (None, "random_init") else 1):
                for b, (benchmark, (_, _, classes, protocol, _)) in enumerate(BENCHMARKS.items()):
                    protocol = protocol if control in (None, "random_init") else who
                    noise = luck[seed, b] + rng.normal(0, 0.6) if protocol != who else 0.0
                    correct = rng.permutation(N_TEST) < round((MEANS[who][b] + noise) * N_TEST / 100)
                    row = Row(
                        run=f"{who}-{seed}" if control else f"{VARIANTS.index(who)}{seed:03d}",  # its folder's name
                        variant=name(who),
                        regime="world",
                        seed=seed,
                        control=control,  # type: ignore[arg-type]
                        benchmark=benchmark,
                        benchmark_hash=f"b{b}",
                        protocol=protocol,
                        protocol_hash=f"p-{protocol}",
                        score=100.0 * float(correct.mean()),
                        validation=50.0,
                        n_test=N_TEST,
                        n_classes=classes,
                        seconds=3.2,
                        versions={"torch": "2.13.0", "auxjepa": "0.1.0"},
                        created="2026-01-02T00:00:00+00:00",
                    )
                    store.append(row, correct)
        for v, variant in enumerate(VARIANTS):
            for seed in range(seeds):
                _run(folder / "runs" / f"{v}{seed:03d}", name(variant), v, seed, steps, rng)
        study = {
            "name": "quick",
            "question": "Which auxiliary objective helps a small Video-JEPA on appearance, motion and temporal order?",
            "reference": name("baseline"),
            "variants": [name(v) for v in VARIANTS],
            "seeds": list(range(seeds)),
            "benchmarks": list(BENCHMARKS),
            "phase": "screen",
            "command": "auxjepa study run quick --out demo",
            "scale_notes": ["A laptop study: 700 steps on 4,096 generated clips of 8 frames at 32 x 32 pixels."],
        }
        (folder / "study.yaml").write_text(yaml.safe_dump({**study, **settings}))
        protocols = {
            p: {"hash": f"p-{p}", "record": {"name": p, "pool": "mean" if p == "linear" else "attention", "steps": 400}}
            for p in ("linear", "attentive")
        }
        (folder / "protocols.json").write_text(json.dumps(protocols))
        benchmarks = {
            k: {"title": t, "capability": c, "hash": f"b{i}", "n_test": N_TEST, "n_classes": n}
            for i, (k, (t, c, n, _, _)) in enumerate(BENCHMARKS.items())
        }
        (folder / "benchmarks.json").write_text(json.dumps(benchmarks))
        _samples(folder / "samples.npz", rng)
        _features(folder)
        return folder

    return write


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> Path:
    """The complete study folder; tests that change it must copy it."""
    return write_study(tmp_path_factory.mktemp("study"))


HYPOTHESES = (
    ("ld-order", "ld", "above", "baseline", "world_order", None),
    ("fwm-order", "fwm", "above", "ld", "world_order", None),
    ("fwm-appearance", "fwm", "equivalent", "baseline", "world_appearance", 2.0),
    ("fwm-motion", "fwm", "above", "baseline", "world_fine_motion", None),
)


def register(folder: Path, effect: float | None = None) -> Registration:
    """Add hypotheses and a registration to a written study, as if it had registered before its first run."""
    rows = [row for row in RowStore(folder) if row.control in (None, "random_init")]
    settings = yaml.safe_load((folder / "study.yaml").read_text())
    fields = ("id", "variant", "claim", "reference", "benchmark", "margin")
    stated = {} if effect is None else {"effect": effect}
    hypotheses = tuple(Hypothesis.model_validate(dict(zip(fields, h, strict=True)) | stated) for h in HYPOTHESES)
    settings |= {"phase": "confirm", "hypotheses": [h.model_dump(mode="json") for h in hypotheses]}
    (folder / "study.yaml").write_text(yaml.safe_dump(settings))
    measures = {r.benchmark: Measure(benchmark_hash=r.benchmark_hash, protocol_hash=r.protocol_hash) for r in rows}
    registered = Registration(
        name=settings["name"],
        hypotheses=hypotheses,
        seeds=tuple(settings["seeds"]),
        measures={"world": measures},
        runs={run_name(r.variant, r.seed, r.regime): r.run for r in rows},
        design={key: settings[key] for key in ("reference", "seeds", "tuning_digest") if key in settings},
        created="2026-01-01T00:00:00+00:00",
    )
    (folder / registration.FILE).write_text(json.dumps(registration.to_json(registered)))
    return registered


@pytest.fixture(scope="session")
def confirmed(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> Path:
    """A confirming study of 10 seeds; tests that change it must copy it. Its baseline is below random init on order."""
    folder = write_study(tmp_path_factory.mktemp("confirmed"), seeds=10, steps=4)
    register(folder)
    return folder


def _run(folder: Path, variant: str, v: int, seed: int, steps: int, rng: np.random.Generator) -> None:
    folder.mkdir(parents=True)
    lines = []
    for step in range(1, steps + 1):
        share = step / steps
        prediction = 0.35 + 0.6 * np.exp(-5 * share) + 0.02 * v + rng.normal(0, 0.01)
        dynamics = 0.5 + 0.3 * np.exp(-3 * share) + rng.normal(0, 0.01)
        record = {"step": step, "lr": 2e-3 * (1 - share), "momentum": 0.996, "grad_norm": 1 + float(rng.gamma(2, 0.2))}
        terms = ({"prediction": prediction} if variant != "ld_only" else {}) | (
            {"latent_dynamics": dynamics} if "ld" in variant else {}
        )
        record |= {f"{kind}/{key}": float(value) for key, value in terms.items() for kind in ("terms", "weighted")}
        record["loss"] = float(sum(terms.values()))
        if step % max(1, steps // 12) == 0:
            record |= {
                "std/teacher": 0.9 - 0.1 * share + rng.normal(0, 0.01),
                "std/student": 0.95 - 0.2 * share + rng.normal(0, 0.01),
                "rank/teacher": 20 + 14 * share + 2 * v + rng.normal(0, 0.5),
                "rank/student": 22 + 12 * share + 2 * v + rng.normal(0, 0.5),
            }
        lines.append(json.dumps(record))
    (folder / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    seconds = 25.0 + 2 * v + float(rng.normal(0, 0.5))
    shares = {"data": 0.07, "masks": 0.03, "teacher": 0.15, "student": 0.35, "predictor": 0.2, "backward": 0.4}
    summary = {
        "variant": variant,
        "seed": seed,
        "regime": "world",
        "hash": folder.name,
        "steps": steps,
        "parameters": 170_000 + 3000 * v,
        "seconds": seconds,
        "cpu_seconds": seconds * 1.02,
        "peak_memory_mb": 612.0 + v,
        "verdict": "healthy",
        "shares": shares | {"objectives": 0.05 + 0.02 * v, "optimiser": 0.15 - 0.02 * v},
        "milliseconds_per_step": 1000 * seconds / steps,
    }
    (folder / "summary.json").write_text(json.dumps(summary))


def _samples(path: Path, rng: np.random.Generator) -> None:
    clips = np.full((3, 8, 32, 32, 3), 200, np.uint8)
    clips += rng.integers(0, 12, clips.shape, dtype=np.uint8)
    for k in range(3):
        for f in range(8):
            clips[k, f, 4 + 2 * f : 12 + 2 * f, 6 + k * 4 : 15 + k * 4] = (60 + 60 * k, 90, 200 - 50 * k)
    hidden = np.zeros((3, 4, 4, 4), bool)
    hidden[0, :, 1:3, 0:2] = hidden[1, :, 0:2, 2:4] = hidden[2, :, 2:4, 1:4] = True
    captions = np.array(json.dumps(["a blue square falls", "a dull square falls", "a red square falls"]))
    np.savez_compressed(path, clips=clips, hidden=hidden, captions=captions)


def _features(folder: Path) -> None:
    """Write ``features.npz`` for the sample clips; each token has the mean colour of its pixels."""
    with np.load(folder / "samples.npz") as file:
        clips = file["clips"]
    tokens = clips.reshape(3, 4, 2, 4, 8, 4, 8, 3).mean(axis=(2, 4, 6)).astype(np.uint8)
    encoders = [
        {"name": "baseline", "share": 0.42},
        {"name": "ld_only", "share": 0.61},
        {"name": "random init", "share": 0.5},
    ]
    record = {"clips": digest_clips(clips), "regime": "world", "seed": 0, "encoders": encoders}
    pictures = np.stack([tokens, 255 - tokens, tokens[..., ::-1]])
    np.savez_compressed(folder / "features.npz", pictures=pictures, record=np.array(json.dumps(record)))
