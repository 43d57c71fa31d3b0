"""A term of a plug-in names package, version and a digest of its source, which are part of the run's hash."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from auxjepa.config import ConfigError, ObjectiveConfig, RunConfig
from auxjepa.objectives.plugin_source import installed_plugin, stamp_plugins
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.train.checks import check_run

SOURCE = """
from auxjepa.objectives import Objective
class Jerk(Objective):
    def loss(self, step): return step.views[0].context.mean()
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path with the plug-in ``jerk`` of the package ``jerky``."""
    folder = tmp_path / "site"
    write(folder, SOURCE)
    monkeypatch.syspath_prepend(str(folder))
    importlib.invalidate_caches()
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "jerky"]:
        del sys.modules[name]


def write(folder: Path, source: str, version: str = "0.2") -> None:
    info = folder / "jerky-0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: jerky\nVersion: {version}\n")
    (info / "entry_points.txt").write_text("[auxjepa.objectives]\njerk = jerky.terms:Jerk\n")
    package = folder / "jerky"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text("")
    (package / "terms.py").write_text(source)
    importlib.invalidate_caches()


def run() -> RunConfig:
    return RunConfig(objectives={"prediction": ObjectiveConfig(), "mine": ObjectiveConfig(name="jerk")})


def test_only_terms_of_plugins_are_stamped(site: Path) -> None:
    stamped = stamp_plugins(run())
    assert stamped.objectives["mine"].plugin == installed_plugin("jerk")
    assert installed_plugin("jerk").startswith("jerky 0.2 ") and installed_plugin("prediction") == ""
    assert stamped.objectives["prediction"] == ObjectiveConfig()
    assert stamp_plugins(stamped) == stamped and stamp_plugins(RunConfig()) == RunConfig()


@pytest.mark.parametrize(("source", "version"), [(SOURCE + "# another\n", "0.2"), (SOURCE, "0.3")])
def test_another_source_or_version_is_another_run_and_refuses_the_earlier_one(
    site: Path, source: str, version: str
) -> None:
    before = stamp_plugins(run())
    write(site, source, version)
    after = stamp_plugins(run())
    assert before.content_hash() != after.content_hash() != run().content_hash()
    with pytest.raises(ConfigError, match=r"objectives\.mine was written for the plug-in jerky 0\.2 .* is installed"):
        check_run(before, None)


def test_a_run_of_a_plugin_that_is_gone_names_it(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stamped = stamp_plugins(run())
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != str(site)])
    importlib.invalidate_caches()
    with pytest.raises(ConfigError, match="it is not installed: install that version"):
        stamp_plugins(stamped)


def test_compiled_files_are_not_part_of_the_digest(site: Path) -> None:
    before = installed_plugin("jerk")
    (site / "jerky" / "__pycache__").mkdir(exist_ok=True)
    (site / "jerky" / "__pycache__" / "terms.cpython-311.pyc").write_bytes(b"compiled")
    assert installed_plugin("jerk") == before


def test_a_study_records_the_plugin_of_its_own_variant(site: Path) -> None:
    entry = {"name": "jerk_ld", "from": "ld", "objectives": {"jerk": {"weight": 0.1}}}
    content = {"name": "own", "variants": ["baseline", entry], "seeds": [0], "benchmarks": ["world_order"]}
    plain = StudyConfig.model_validate(content)
    stamped = plain.with_plugins()
    (run,) = [one.config for one in plan(stamped) if one.config.variant == "jerk_ld"]
    assert run.objectives["jerk"].plugin == installed_plugin("jerk")
    (difference,) = plain.differences(stamped)
    assert difference.startswith("definitions.jerk_ld.objectives.jerk.plugin is nothing here and jerky 0.2")
    assert plan(stamped)[1].key == plan(plain)[1].key  # the baseline
