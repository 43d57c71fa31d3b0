"""``auxjepa probe`` with diagnostics on natural videos without labels."""

from __future__ import annotations

import json
from pathlib import Path

from auxjepa.rows import RowStore


def test_two_diagnostics_of_natural_videos_have_rows_of_every_control(auxjepa, trained: Path, labelled: Path) -> None:
    names = ("arrow_of_time", "same_video")
    words = ("--data", f"folder:{labelled}", "--head", "knn", "--out", "scores")
    done = auxjepa("probe", trained, *words, "--benchmark", *names)
    assert done.code == 0, done.err
    rows = list(RowStore(Path("scores")))
    arrow = {row.control: row for row in rows if row.benchmark.startswith("arrow_of_time")}
    moments = {row.control: row for row in rows if row.benchmark.startswith("same_video")}
    common = {None, "random_init", "raw_pixels", "one_frame", "shuffled", "chance"}
    assert set(arrow) == common | {"majority"} and set(moments) == common
    encoder = arrow[None]
    for name in ("one_frame", "shuffled"):
        control = arrow[name]
        assert (control.run, control.variant, control.seed) == (encoder.run, name, encoder.seed)
        assert control.protocol_hash == encoder.protocol_hash and control.id != encoder.id
    assert arrow["chance"].score == 50 and moments["chance"].score == 100 / moments[None].n_classes
    assert "(knn)" in encoder.benchmark and "(knn)" not in moments[None].benchmark
    assert moments[None].n_test == moments[None].n_classes
    records = json.loads(Path("scores/scores.json").read_text())
    assert [one["division"]["diagnostic"] for one in records] == list(names)
    assert all(note in done.err for one in records for note in one["notes"])
    assert "test videos are in a folder that the encoder was pretrained on" in done.err
    assert "arrow_of_time" in done.out and "shuffled" in done.out
    report = auxjepa("report", "scores")
    assert report.code == 0, report.err
    page = next(Path("scores").glob("*.html")).read_text()
    assert "frames shuffled" in page and "What one frame and shuffled frames show" in page
    text = (Path("scores") / "report.md").read_text().replace("\\", "")
    (sentence,) = [note for note in records[0]["notes"] if "one frame" in note]
    assert sentence in text, "the page and the probe say the same"


def test_short_videos_have_no_slow_diagnostics_and_say_so(auxjepa, trained: Path, labelled: Path) -> None:
    source = f"folder:{labelled}"
    done = auxjepa("probe", trained, "--data", source, "--benchmark", "playback_speed", "--out", "x.json")
    assert done.code == 2 and "no video has the 16 frames that this diagnostic needs" in done.err
    done = auxjepa("probe", trained, "--benchmark", "frame_order")
    assert done.code == 2 and "frame_order is made from videos: add --data folder:PATH" in done.err
    done = auxjepa("probe", trained, "--data", source, "--benchmark", "world_order")
    assert done.code == 2 and "give --benchmark or --data, not both" in done.err
