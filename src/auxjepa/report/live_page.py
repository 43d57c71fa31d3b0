"""The page of a running study: the report with a line on progress, rebuilt when its rows change."""

from __future__ import annotations

import datetime as dt
import threading
import time
from pathlib import Path

from auxjepa.evidence.study_evidence import collect_evidence
from auxjepa.evidence.study_folder.folder import load
from auxjepa.evidence.study_folder.progress import Progress, read_progress, state_of
from auxjepa.evidence.wording import format_count
from auxjepa.lists import shorten_list
from auxjepa.report.html import render, render_progress

MOST_RUNS = 6
"""Number of runs that the line on progress names."""


class LivePage:
    """The page of one study folder. Several threads may call it.

    Args:
        folder: the study folder. Nothing is written into it.
        every: smallest number of seconds between two builds.
    """

    def __init__(self, folder: Path, every: float) -> None:
        self.folder, self.every = folder, every
        self._lock = threading.Lock()
        self._state: object = None
        self._built = float("-inf")
        self._page = ""

    def text(self) -> str:
        """Return the page: a new one if rows changed and the last one is old enough, else the last one.

        Raises:
            Exception: any error of reading or drawing, if there is no earlier page.
        """
        with self._lock:
            now = time.monotonic()
            if self._page and now - self._built < self.every:
                return self._page
            state = state_of(self.folder)
            if not self._page or state != self._state or not self._has_rows:
                self._build()
                self._state = state
            self._built = time.monotonic()
            return self._page

    @property
    def _has_rows(self) -> bool:
        return bool(self._page) and self._with_rows

    def _build(self) -> None:
        try:
            study = load(self.folder)
            line = progress_line(read_progress(study, self.folder), self.every)
            self._with_rows = bool(study.rows)
            self._page = render(collect_evidence(self.folder), line) if study.rows else render_progress(study, line)
        except Exception:
            if not self._page:
                raise  # else the last page stays, and the next request builds again


def progress_line(progress: Progress, every: float) -> str:
    """Return the progress of a study in one line.

    Args:
        progress: the progress.
        every: seconds between two refreshes of the page.
    """
    if progress.is_complete:
        parts = [f"Complete: all {progress.planned} planned scores are present"]
    else:
        parts = [f"{progress.present} of {format_count(progress.planned, 'planned score')}"]
    parts += [format_count(progress.finished, "finished run")] if progress.finished else []
    names = [f"{run.name} at step {run.steps}{f' of {run.of}' if run.of else ''}" for run in progress.running]
    parts += [f"not finished: {shorten_list(names, MOST_RUNS)}"] if names else []
    time_of_day = dt.datetime.now(dt.UTC).strftime("%H:%M:%S UTC")
    return f"{'; '.join(parts)}. Read at {time_of_day}; the page refreshes every {every:g} s."
