"""``auxjepa probe`` of encoders from elsewhere, as rows next to those of a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import auxjepa as library
from auxjepa.rows import RowStore
from written_encoders import save_encoder

WORDS = ("--head", "knn")


@pytest.fixture(scope="session")
def dino(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image encoder with random weights, in the layout of transformers."""
    folder = tmp_path_factory.mktemp("elsewhere") / "dino-tiny"
    save_encoder("dinov3_vit", folder)
    (folder / "README.md").write_text("---\ndatasets: [lvd-1689m]\n---\n")
    return folder


def test_a_run_and_an_encoder_from_elsewhere_share_a_table(auxjepa, trained: Path, labelled: Path, dino: Path) -> None:
    source = f"folder:{labelled}"
    done = auxjepa("probe", f"run:{trained}", "--data", source, *WORDS, "--out", "scores")
    assert done.code == 0, done.err
    window = ("--frames", 4, "--size", 32)  # as the run's clips
    done = auxjepa("probe", f"hf:{dino}", "--data", source, *WORDS, *window, "--out", "scores", "--name", "dino")
    assert done.code == 0, done.err
    assert "no random-init encoder is scored" in done.err
    rows = list(RowStore(Path("scores")))
    (own,) = (row for row in rows if row.control is None)
    (frozen,) = (row for row in rows if row.control == "frozen")
    assert (frozen.variant, frozen.n_test, frozen.metric) == ("dino", own.n_test, "top1")
    assert (frozen.benchmark_hash, frozen.protocol_hash) == (own.benchmark_hash, own.protocol_hash)
    assert frozen.run.startswith("frozen-") and frozen.seconds > 0
    assert sum(row.control == "majority" for row in rows) == 1
    record = json.loads(Path("scores/scores.json").read_text())[1]
    assert record["encoder"]["parameters"] > 10_000 and record["encoder"]["pretraining"] == "lvd-1689m"
    assert auxjepa("report", "scores").code == 0
    page, text = (Path("scores", name).read_text() for name in ("report.html", "report.md"))
    assert "Frozen encoders from elsewhere" in page
    (line,) = (line for line in text.splitlines() if line.startswith("| dino (control) |"))
    assert f"{frozen.score:.1f}" in line and "○" not in line.split("|")[1]
    assert "DINOv3ViTModel | 16,896 | frame by frame, 32 x 32 | lvd-1689m | 0 |" in text
    assert "over probe seeds and test clips, and not over pretraining seeds" in " ".join(text.split())

    done = auxjepa("probe", f"hf:{dino}", "--data", source, *WORDS, *window, "--out", "scores", "--name", "dino")
    assert done.code == 0 and len(list(RowStore(Path("scores")))) == len(rows)  # nothing is written twice
    (python,) = library.probe(f"hf:{dino}", data=source, head="knn", frames=4, size=32, controls=False, progress=False)
    assert python.score == frozen.score and python.id == frozen.model_copy(update={"variant": "hf:dino-tiny"}).id


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--level", 7), "has the levels 0 … 2"),
        (("--role", "teacher"), "an encoder from elsewhere has one network"),
        (("--stride", 2, "--fps", 5), "give --stride or --fps, not both"),
    ],
)
def test_settings_that_do_not_fit_give_one_line(auxjepa, labelled: Path, dino: Path, words, message: str) -> None:
    done = auxjepa("probe", f"hf:{dino}", "--data", f"folder:{labelled}", *WORDS, *words)
    assert done.code == 2 and "Traceback" not in done.err
    assert message in done.err.splitlines()[-1]


def test_the_window_of_a_run_is_that_of_its_training(auxjepa, trained: Path, labelled: Path) -> None:
    done = auxjepa("probe", trained, "--data", f"folder:{labelled}", *WORDS, "--frames", 8)
    assert done.code == 2 and "--frames: a run cuts clips as in its training" in done.err.splitlines()[-1]


def test_another_encoder_with_the_same_name_is_refused(auxjepa, labelled: Path, dino: Path, tmp_path: Path) -> None:
    save_encoder("siglip_vision_model", tmp_path / "other")
    words = ("--data", f"folder:{labelled}", *WORDS, "--no-controls", "--out", "scores", "--name", "one")
    assert auxjepa("probe", f"hf:{dino}", *words).code == 0
    done = auxjepa("probe", f"hf:{tmp_path / 'other'}", *words)
    assert done.code == 2 and "holds another encoder named 'one'" in done.err.splitlines()[-1]


def test_videos_are_embedded(auxjepa, labelled: Path, dino: Path) -> None:
    video = labelled / "bikes" / "0.mp4"
    done = auxjepa("embed", f"hf:{dino}", video, "--out", "features.safetensors")
    assert done.code == 0 and "1 x 16" in done.out, done.err
