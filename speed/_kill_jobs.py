"""Jobs for `speed.kills`: scans, caches, shards, the loader, probes and reports, each as a command on a folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from speed.soak import write_videos


def make_videos(folder: Path, distinct: int = 12, copies: int = 25) -> None:
    """Write small labelled videos, many of them under several names.

    Args:
        folder: folder of the videos.
        distinct: number of different videos.
        copies: number of copies of each video.
    """
    with tempfile.TemporaryDirectory() as place:
        write_videos(Path(place), distinct)
        folder.mkdir(parents=True)
        lines = ["path,label"]
        for number, video in enumerate(sorted(Path(place).glob("[0-9]*"))):
            for copy in range(copies):
                name = f"{copy:03d}-{video.name}"
                shutil.copy2(video, folder / name)
                lines.append(f"{name},{number % 3}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")


def scan(place: Path) -> list[str]:
    """Return the command of ``auxjepa data scan`` for the folder."""
    return [sys.executable, "-m", "auxjepa.cli", "data", "scan", str(place / "videos"), "--workers", "2"]


def cache(encoding: str, size: int) -> Callable[[Path], list[str]]:
    """Return a job that builds a cache of clips of the folder, which is scanned first.

    Args:
        encoding: encoding of the cache.
        size: height and width of a frame, pixels.
    """
    code = (
        "import sys; from pathlib import Path; from auxjepa.data.cache.build import build_cache;"
        "from auxjepa.data.manifest.manifest import scan; place = Path(sys.argv[1]);"
        "manifest = scan(place / 'videos', place / 'manifest.jsonl', workers=2, check=False, progress=False);"
        f"build_cache(manifest, root=place / 'root', frames=8, size={size}, count=900, encoding={encoding!r},"
        " workers=2, progress=False)"
    )
    return lambda place: [sys.executable, "-c", code, str(place)]


def shards(place: Path) -> list[str]:
    """Return the command that opens a set of shards and writes the record of each sample in the order of the set."""
    code = (
        "import json, sys; from pathlib import Path; from auxjepa.data.shards import open_shards;"
        "place = Path(sys.argv[1]); m = open_shards(str(place / 'shards'), place / 'root', workers=2, progress=False);"
        "content = [m.digest, [str(e) for e in m.entries], [str(d) for d in m.defects]];"
        "(place / 'found.json').write_text(json.dumps(content));"
        "import shutil; shutil.rmtree(place / 'root' / 'shards')"
    )
    return [sys.executable, "-c", code, str(place)]


def loader(place: Path) -> list[str]:
    """Return the command that reads batches of random clips with three workers and writes a digest of each batch."""
    code = (
        "import hashlib, sys; from pathlib import Path; from auxjepa.data.manifest.cut import Cut;"
        "from auxjepa.data.loading.loader import Loader; from auxjepa.data.manifest.manifest import scan;"
        "from auxjepa.data.loading.mixture import Mixture, Part; from auxjepa.data.loading.reader import ClipReader;"
        "place = Path(sys.argv[1]);"
        "manifest = scan(place / 'videos', place / 'manifest.jsonl', workers=2, check=False, progress=False);"
        "mixture = Mixture([Part('kills', len(manifest))], 0); out = [];"
        "reader, draw = ClipReader([(manifest, Cut(8, 64))]), lambda step: mixture.draw(step, 16);"
        "loader = Loader(reader, draw, workers=3, stop=120);\n"
        "for batch in loader:\n"
        "    digest = hashlib.sha256(batch.clips.numpy().tobytes()).hexdigest()\n"
        "    out.append(f'{digest} {batch.step} {batch.failures}')\n"
        "(place / 'batches.txt').write_text('\\n'.join(out))"
    )
    return [sys.executable, "-c", code, str(place)]


def make_run(source: Path) -> None:
    """Pretrain a small encoder on the videos, and write the scores of a probe of it.

    Args:
        source: folder of the videos; receives ``run`` and ``scores``.
    """
    words = "--data.clips 120 --data.size 32 --data.frames 4 --model.size nano --optim.steps 3 --optim.batch 8"
    videos = ["--data", f"folder:{source / 'videos'}", "--data.root", str(source / "data")]
    command = [sys.executable, "-m", "auxjepa.cli"]
    subprocess.run([*command, "pretrain", *videos, *words.split(), "--out", str(source / "run")], check=True)
    subprocess.run([*command, *_probe(source), "--out", str(source / "scores")], check=True)
    shutil.rmtree(source / "run" / "features")


def _probe(place: Path) -> list[str]:
    return ["probe", str(place / "run"), "--data", f"folder:{place / 'videos'}", "--label", "label", "--head", "knn"]


def probe(place: Path) -> list[str]:
    """Return the command that probes the encoder on the videos."""
    return [sys.executable, "-m", "auxjepa.cli", *_probe(place), "--out", str(place / "scores.json")]


def report(place: Path) -> list[str]:
    """Return the command that builds the report of the scores."""
    return [sys.executable, "-m", "auxjepa.cli", "report", str(place / "scores")]


JOBS: dict[str, Callable[[Path], list[str]]] = {
    "scan": scan,
    "raw cache": cache("raw", 64),
    "jpeg cache": cache("jpeg", 96),
    "shards": shards,
    "loader": loader,
    "probe": probe,
    "report": report,
}
