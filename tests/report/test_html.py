from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from auxjepa.report import build

VOID = {"meta", "link", "br", "img", "hr", "input"}
EVIL = '<script>alert("x")</script>'


class Page(HTMLParser):
    """Collect ids, addresses, figures without a description, and the nesting of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.undescribed: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.headings: list[int] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append(tag)
        self.ids += [values["id"]] if "id" in values else []
        self.links += [v for k, v in attrs if k in ("src", "href", "xlink:href", "action", "data", "srcset")]
        self.headings += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        if tag == "svg" and values.get("aria-hidden") != "true":
            described = values.get("role") == "img" and values.get("aria-labelledby")
            self.undescribed += [] if described else [self.get_starttag_text()]
        if tag == "img" and not values.get("alt"):
            self.undescribed.append(self.get_starttag_text())

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="session")
def page(study) -> str:
    return build(study).read_text()


def test_the_page_shows_each_loop_once_and_says_how_it_was_made(page):
    assert page.count('<span class="loop') == 3 * 4
    assert "The colours of two encoders cannot be compared." in page and "42 % for baseline, 61 % for ld_only" in page


def test_page_and_markdown_are_written_and_nothing_else(tmp_path, write_study):
    write_study(tmp_path, steps=4)
    before = {p.name for p in tmp_path.iterdir()}
    assert build(tmp_path) == tmp_path / "report.html"
    assert {p.name for p in tmp_path.iterdir()} - before == {"report.html", "report.md", "export"}


def test_the_page_is_valid(page):
    parsed = Page(page)
    assert parsed.open == [] and len(parsed.ids) == len(set(parsed.ids))
    assert parsed.undescribed == []
    assert all(link.startswith(("#", "data:image/png;base64,", "data:image/webp;base64,")) for link in parsed.links)
    assert {link[1:] for link in parsed.links if link[0] == "#"} <= set(parsed.ids)
    assert {"header", "nav", "main", "footer", "h1"} <= set(parsed.tags)
    headings = parsed.headings
    assert headings[0] == 1 and all(b - a <= 1 for a, b in pairwise(headings))


def test_every_figure_names_ids_that_exist(page):
    ids = set(Page(page).ids)
    labels = [i for group in re.findall(r'aria-labelledby="([^"]+)"', page) for i in group.split()]
    patterns = re.findall(r"url\(#([^)]+)\)", page)
    assert len(labels) > 20 and set(labels) | set(patterns) <= ids


def test_no_address_outside_the_page(page):
    assert not re.search(r"https?://|//[a-z]+\.|@import|url\((?!#)", page)


def test_strings_of_the_study_are_escaped(tmp_path, write_study):
    settings = dict.fromkeys(("name", "question", "command", "answer_template"), EVIL)
    folder = write_study(tmp_path, steps=4, rename={"ld": EVIL, "baseline": "</style>'\"&"}, **settings)
    info = json.loads((folder / "benchmarks.json").read_text())
    info["world_order"] |= {"title": EVIL, "capability": f'"{EVIL}'}
    (folder / "benchmarks.json").write_text(json.dumps(info))
    text = build(folder).read_text()
    assert text.count("<script>") == 1 and "alert(" in text  # the script element of the page is the only one
    assert text.count("</style>") == 1
    assert Page(text).open == []


def test_two_regimes_share_no_id_and_no_axis(tmp_path, write_study):
    folder = write_study(tmp_path, steps=4)
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    second = [
        r | {"regime": "clips on disk", "run": f"m{r['run']}", "score": r["score"] + 0.1}
        for r in rows
        if r["control"] in (None, "random_init")
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in [*rows, *second]))
    text = build(folder).read_text()
    ids = Page(text).ids
    assert len(ids) == len(set(ids)) and not any(" " in i for i in ids)
    titles = re.findall(r'<title id="tradeoff[^"]*">([^<]*)</title>', text)
    assert titles == [
        f"{up} ({r}) against appearance ({r})" for r in ("clips on disk", "world") for up in ("motion", "order")
    ]
    assert "each in 2 pretraining regimes" in text


def test_an_empty_folder_gives_a_page(tmp_path):
    text = build(tmp_path).read_text()
    assert Page(text).open == [] and "What is missing" in text and "rows.jsonl: no score yet" in text
    assert "Nothing can be compared yet" in text


@pytest.mark.parametrize("keep", [1, 13, 40, 70])
def test_a_killed_study_gives_a_page(tmp_path, write_study, keep: int):
    folder = write_study(tmp_path, steps=4)
    lines = (folder / "rows.jsonl").read_text().splitlines(keepends=True)
    (folder / "rows.jsonl").write_text("".join(lines[:keep]))
    shutil.rmtree(folder / "correct")
    shutil.rmtree(next((folder / "runs").iterdir()))
    text = build(folder).read_text()
    assert ("planned scores are missing" in text) == (keep < 60) and "controls not scored" in text
    assert Page(text).open == []


def test_same_folder_same_page(study, page):
    without_date = lambda text: re.sub(r"on \d{4}-\d\d-\d\d \d\d:\d\d UTC", "", text)  # noqa: E731
    assert without_date(build(study).read_text()) == without_date(page)


CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)


def chromium(page: Path, profile: Path, *flags: str, place: str = "") -> subprocess.CompletedProcess[str]:
    assert CHROMIUM
    common = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    common += " --disable-component-update --disable-sync --enable-logging=stderr --v=0"
    command = [CHROMIUM, *common.split(), f"--user-data-dir={profile}", *flags, page.as_uri() + place]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, "LANG": "C.UTF-8"})


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here")
def test_in_a_browser(page, tmp_path):
    # The policy of the page forbids every request, so a request is an error on the console.
    probe = """<script>
      const table = document.querySelector("table.results");
      const heads = [...table.tHead.rows[0].cells].map((cell) => cell.querySelector("button"));
      const order = () => [...table.tBodies[0].rows].map((row) => row.cells[0].firstChild.textContent).join(" ");
      heads[4].click(); const down = order(); heads[4].click();
      document.title = "down: " + down + "; up: " + order() + "; sort: " + heads[4].parentNode.ariaSort
        + "; wide: " + (document.documentElement.scrollWidth > innerWidth)
        + "; requests: " + performance.getEntriesByType("resource").filter((e) => !e.name.startsWith("data:")).length;
    </script></body>"""
    file = tmp_path / "page.html"
    file.write_text(page.replace("</body>", probe))
    browser = chromium(file, tmp_path / "profile", "--dump-dom", "--window-size=1280,900")
    assert "CONSOLE" not in browser.stderr, browser.stderr
    title = re.search("<title>(down: .*?)</title>", browser.stdout)
    assert title and title[1] == (
        "down: ld_only ld fwm_hw_ld baseline fwm; up: fwm baseline fwm_hw_ld ld ld_only; sort: ascending; "
        "wide: false; requests: 0"
    )


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here")
def test_a_filter_is_part_of_the_address_and_a_link_to_a_row_overrides_it(tmp_path, write_study):
    folder = write_study(tmp_path / "study", seeds=10, steps=2, rename={"fwm": EVIL})
    probe = """<script>
      const rows = [...document.querySelectorAll("#table-of-claim tbody tr")];
      const form = document.querySelector('form[data-for="claim"]');
      const state = () => rows.filter((row) => !row.hidden).length + "/" + form.querySelector("output").textContent;
      const states = [state(), form.elements.verdict.value];
      form.elements.q.value = "ssv2 +19"; form.elements.verdict.value = "";
      form.dispatchEvent(new Event("input", {bubbles: true}));
      states.push(state(), location.hash);
      const away = rows.find((row) => row.hidden);
      location.hash = away.id;
      setTimeout(() => {
        states.push(state(), String(away.hidden), document.querySelectorAll("[id='" + away.id + "']").length);
        document.title = "states " + states.join(" | ");
      }, 200);
    </script></body>"""
    file = tmp_path / "page.html"
    page = build(folder).read_text()
    file.write_text(page.replace("</body>", probe))
    place = "#claims?verdict=not+testable"
    browser = chromium(file, tmp_path / "profile", "--dump-dom", "--virtual-time-budget=3000", place=place)
    assert "CONSOLE" not in browser.stderr, browser.stderr
    title = re.search("<title>states (.*?)</title>", browser.stdout)
    assert title, browser.stdout[:300]
    first, verdict, second, address, third, hidden, ids = title[1].split(" | ")
    table = page.split('id="table-of-claim"')[1].split("</table>")[0]
    total, untested = table.count("<tr id="), table.count("word-not-testable")
    assert (first, verdict) == (f"{untested}/{untested} of {total}", "not testable")
    assert address == "#claims?q=ssv2+%2B19" and int(second.split("/")[0]) < total
    assert (third, hidden, ids) == (f"{total}/{total} of {total}", "false", "1")
