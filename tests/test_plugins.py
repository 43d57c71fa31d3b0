"""Plug-ins that are broken in every way: one line that names the package, its entry point and the reason."""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa import plugins
from auxjepa.cli import main
from auxjepa.config import ConfigError
from auxjepa.doctor import plugins as doctor_plugins
from auxjepa.doctor.check import Settings
from auxjepa.objectives import OBJECTIVES, build, find

GROUP = plugins.OBJECTIVES
GOOD = """
from auxjepa.objectives import Objective
class Good(Objective):
    def loss(self, step): return step.views[0].context.mean()
class Needs(Objective):
    def __init__(self, *, levels, dim, size): super().__init__(levels=levels, dim=dim); self.size = size
    loss = Good.loss
class Fails(Objective):
    def __init__(self, *, levels, dim): raise RuntimeError("not\\nready")
class Leaves(Objective):
    def __init__(self, *, levels, dim): raise SystemExit(4)
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """``install(package, module=source, entries={name: object})`` puts a package on the path."""

    def add(package: str, entries: dict[str, str], **modules: str) -> None:
        folder = tmp_path / package
        info = folder / f"{package}-0.2.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 0.2\n")
        lines = "".join(f"{name} = {value}\n" for name, value in entries.items())
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{lines}")
        for module, source in modules.items():
            (folder / f"{module}.py").write_text(source)
            monkeypatch.delitem(sys.modules, module, raising=False)
        monkeypatch.syspath_prepend(str(folder))
        importlib.invalidate_caches()

    return add


def test_a_valid_plugin_is_built_and_has_its_origin(install: Install) -> None:
    install("sound", {"good": "soundobj:Good"}, soundobj=GOOD)
    assert build("good", levels=1, dim=4).origin == "plug-in sound 0.2, soundobj:Good"
    assert build("delta", levels=1, dim=4).origin == ""


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def (", "can't be imported: SyntaxError: invalid syntax (evil.py, line 1)"),
        ("import nosuchmodule", "can't be imported: ModuleNotFoundError: No module named 'nosuchmodule'"),
        ("", "can't be imported: AttributeError: module 'evil' has no attribute 'X'"),
        ("1 / 0", "can't be imported: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "can't be imported: it ended the process (exit status 3)"),
        ("raise KeyboardInterrupt", "can't be imported: KeyboardInterrupt"),
        ("class Stop(BaseException): ...\nraise Stop('a\\nb')", "can't be imported: Stop: a b"),
        ("X = 3", "is not a subclass of auxjepa.objectives.Objective"),
        ("class X: ...", "is not a subclass of auxjepa.objectives.Objective"),
        ("def X(**_): ...", "is not a subclass of auxjepa.objectives.Objective"),
        ("\0", "can't be imported: SyntaxError"),
    ],
)
def test_one_that_cannot_be_imported_is_named(install: Install, source: str, words: str) -> None:
    install("evilpkg", {"evil": "evil:X"}, evil=source)
    with pytest.raises(ConfigError) as caught:
        build("evil", levels=1, dim=4)
    line = str(caught.value)
    assert line.startswith("objective 'evil' (plug-in evilpkg 0.2, evil:X)") and words in line and "\n" not in line
    assert find("delta") is OBJECTIVES["delta"]  # what isn't used keeps nobody from working


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("fails", {}, "can't be built with {}: RuntimeError: not ready"),
        ("leaves", {}, "can't be built with {}: it ended the process (exit status 4)"),
        ("needs", {}, "needs a value of its hyperparameter 'size'"),
        ("needs", {"sice": 1}, "has no hyperparameter 'sice'; did you mean 'size'?"),
    ],
)
def test_one_that_cannot_be_built_is_named(install: Install, name: str, settings: dict, words: str) -> None:
    install("unready", {name: f"unready:{name.title()}"}, unready=GOOD)
    with pytest.raises(ConfigError) as caught:
        build(name, levels=1, dim=4, **settings)
    line = str(caught.value)
    assert line.startswith(f"objective {name} (plug-in unready 0.2, unready:{name.title()})") and words in line
    assert "\n" not in line


def test_a_name_of_two_packages_is_refused_when_it_is_used(install: Install) -> None:
    install("first", {"good": "goodone:Good", "fine": "goodone:Good"}, goodone=GOOD)
    install("second", {"good": "goodtwo:Good"}, goodtwo=GOOD)
    with pytest.raises(
        ConfigError, match=r"several plug-ins use the name 'good': .*first 0\.2.*second 0\.2|second.*first"
    ):
        find("good")
    assert find("fine").__name__ == "Good"


def test_a_name_of_this_package_shadows_a_plugin_with_a_message(install: Install) -> None:
    install("thief", {"delta": "thiefobj:Good"}, thiefobj=GOOD)
    assert find("delta") is OBJECTIVES["delta"]
    (line,) = plugins.shadowed(GROUP, OBJECTIVES)
    assert line == "'delta' of the plug-in thief 0.2, thiefobj:Good isn't used: the name belongs to auxjepa"
    assert plugins.shadowed(GROUP, ["prediction"]) == []


def test_ctrl_c_differs_from_a_statement_that_raises_it() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # shells ignore the signal for background jobs
    try:
        with pytest.raises(KeyboardInterrupt) as pressed:
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    with pytest.raises(KeyboardInterrupt) as raised:
        raise KeyboardInterrupt
    assert plugins.interrupted_by_user(pressed.value) and not plugins.interrupted_by_user(raised.value)
    assert plugins.interrupted_by_user(KeyboardInterrupt()) and not plugins.interrupted_by_user(SystemExit(1))


LATE = """
import torch
from auxjepa.objectives import Objective
class Late(Objective):
    calls = 0
    def loss(self, step):
        Late.calls += 1
        if Late.calls > LAST: raise RuntimeError("no\\nmore")
        return step.views[0].context.mean()
class Wrong(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x.mean()
    @staticmethod
    def backward(ctx, gradient): raise RuntimeError("no\\nmore")
class Back(Objective):
    def loss(self, step): return Wrong.apply(step.views[0].context)
"""
SMALL = ["--data.frames", "4", "--data.size", "16", "--data.clips", "4", "--optim.batch", "2", "--batches", "1"]


@pytest.mark.parametrize("kind", ["Late0", "Late1", "Late2", "Late3", "Back"])
def test_one_that_fails_during_an_audit_is_named(
    install: Install,
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    name = kind.rstrip("0123456789")
    install("latepkg", {"late": f"lateobj:{name}"}, lateobj=LATE.replace("LAST", kind.removeprefix(name) or "0"))
    assert main(["audit", "baseline", "--objectives.late.weight", "1", *SMALL]) == 1
    line = capsys.readouterr().err.splitlines()[-1]
    assert f"objective late (plug-in latepkg 0.2, lateobj:{name}) failed: RuntimeError: no more" in line


@pytest.mark.parametrize("kind", ["Late", "Back"])
def test_one_that_fails_in_doctor_and_variants_is_named(
    install: Install, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    install("latepkg", {"late": f"lateobj:{kind}"}, lateobj=LATE.replace("LAST", "0"))
    (check,) = doctor_plugins.plugins(Settings(root=Path("data"), scratch=Path("scratch"), quick=True))
    assert check.state == "warn" and f"late (plug-in latepkg 0.2, lateobj:{kind}) failed: RuntimeError" in check.found
    assert main(["variants"]) == 0 and f"late (plug-in latepkg 0.2, lateobj:{kind})" in capsys.readouterr().out


def test_masks_names_one_that_cannot_be_imported_before_clips_are_made(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install("evilpkg", {"evil": "evil:X"}, evil="raise RuntimeError('no')")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert main(["masks", "--objectives.evil.weight", "1"]) == 2
    line = capsys.readouterr().err
    assert "plug-in evilpkg 0.2, evil:X" in line and line.count("\n") == 1 and not [*Path().iterdir()]
