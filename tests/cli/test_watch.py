"""``auxjepa study watch``."""

from __future__ import annotations

import re
import threading
import urllib.request
from pathlib import Path

import pytest

from auxjepa.cli import main
from auxjepa.report.live_server import LiveServer


def test_it_shows_the_page_until_it_is_interrupted(
    study: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[str] = []
    serve = LiveServer.serve_forever

    def interrupted(server: LiveServer, poll_interval: float) -> None:
        thread = threading.Thread(target=serve, args=(server, 0.01))
        thread.start()
        with urllib.request.urlopen(server.address, timeout=30) as answer:
            pages.append(answer.read().decode())
        server.shutdown()
        thread.join()
        raise KeyboardInterrupt

    monkeypatch.setattr(LiveServer, "serve_forever", interrupted)
    assert main(["study", "watch", str(study), "--port", "0", "--every", "3"]) == 0
    out = capsys.readouterr().out
    assert re.match(rf"http://127\.0\.0\.1:\d+/ shows {re.escape(str(study))} \(Ctrl-C stops\)\n", out)
    assert out.count("\n") == 3 and out.endswith("stopped; the study is unchanged\n")
    assert "the page refreshes every 3 s" in pages[0]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["nowhere"], "nowhere: no such study folder"),
        (["."], "no study here"),
        ([".", "--port", "70000"], "port"),
        ([".", "--every", "0"], "every"),
    ],
)
def test_faults_are_one_line(
    words: list[str], line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["study", "watch", *words]) != 0
    err = capsys.readouterr().err
    assert line in err and err.count("\n") == 1


def test_the_command_is_in_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study"]) == 0
    assert "auxjepa study watch DIR" in capsys.readouterr().out
