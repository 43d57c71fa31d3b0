"""The page of a running study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from auxjepa.evidence.study_folder.progress import Progress, RunProgress
from auxjepa.report import live_page
from auxjepa.report.live_page import LivePage, progress_line


def test_a_study_that_has_just_begun(tmp_path: Path) -> None:
    content = {"name": "young <b>", "variants": ["baseline", "ld"], "seeds": [0], "benchmarks": ["a"]}
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(content | {"reference": "baseline"}))
    text = LivePage(tmp_path, 5.0).text()
    assert "0 of 2 planned scores" in text and "No score yet" in text and "young &lt;b&gt;" in text
    assert [path.name for path in tmp_path.iterdir()] == ["study.yaml"], "nothing is written"


def test_the_page_is_rebuilt_when_rows_change_and_only_then(
    write_study: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_study(tmp_path, seeds=2, steps=2)
    rows = (folder / "rows.jsonl").read_text().splitlines(keepends=True)
    (folder / "rows.jsonl").write_text("".join(rows[:4]))
    clock = [100.0]
    monkeypatch.setattr(live_page.time, "monotonic", lambda: clock[0])
    builds: list[str] = []
    page = LivePage(folder, 10.0)
    build = page._build
    monkeypatch.setattr(page, "_build", lambda: (builds.append(""), build()))
    assert "4 of 40 planned scores" in page.text() and len(builds) == 1
    (folder / "rows.jsonl").write_text("".join(rows))
    assert "4 of 40" in page.text() and len(builds) == 1, "not before the time is over"
    clock[0] += 11
    assert "Complete: all 40 planned scores" in page.text() and len(builds) == 2
    clock[0] += 11
    assert "Complete" in page.text() and len(builds) == 2, "nothing changed"
    (folder / "rows.jsonl").unlink()
    (folder / "rows.jsonl").mkdir()
    clock[0] += 11
    assert "<html" in page.text(), "a folder that cannot be read keeps a page"


def test_an_error_without_a_page_is_raised(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        LivePage(tmp_path / "gone", 1.0).text()


def test_the_line_names_open_runs() -> None:
    line = progress_line(Progress(8, 3, 1, (RunProgress("ld seed 0", 40, 700), RunProgress("abc", 3, 0))), 5.0)
    assert line.startswith(
        "3 of 8 planned scores; 1 finished run; not finished: ld seed 0 at step 40 of 700, abc at step 3."
    )
    assert line.endswith("the page refreshes every 5 s.")
