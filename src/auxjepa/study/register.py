"""Registration of a confirming study. It is written once, before the study's first run."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from auxjepa.config import ConfigError
from auxjepa.evidence.decisions import deviations, registration
from auxjepa.evidence.decisions.registration import Measure, Registration, RegistrationFile
from auxjepa.files import write_json
from auxjepa.rows import RowStore
from auxjepa.runs.record import read_run
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan


def register(study: StudyConfig, folder: Path, shared: Path | None = None) -> Registration:
    """Return the registration of a study. If the folder holds none, a new one is written.

    Args:
        study: the study.
        folder: study folder.
        shared: folder of shared runs. The registration names the planned runs that were already trained there.

    Raises:
        ConfigError: if the study is not a confirmation, or if the folder holds scores, another registration, or an
            edited registration.
    """
    filed = check_registrable(study, folder)
    if filed is not None:
        return filed.registration
    planned = list(plan(study))
    trained = {run.key for run in planned if shared is not None and read_run(shared / run.key).begun}
    registration_record = Registration(
        name=study.name,
        question=study.question,
        hypotheses=study.hypotheses,
        rule=study.rule,
        seeds=study.seeds,
        screened_seeds=study.screened_seeds,
        measures={
            regime: {
                b.name: Measure(
                    benchmark_hash=b.hash_on(data),
                    protocol_hash=b.protocol.digest(),
                    metric="" if b.metric == study.rule.metric else b.metric,
                )
                for b in study.chosen_benchmarks()
            }
            for regime, data in study.regimes.items()
        },
        runs={
            registration.run_name(run.config.variant, run.config.seed, run.config.regime): run.key for run in planned
        },
        design=design(study),
        versions={name: version(name) for name in ("auxjepa", "torch", "numpy")},
        created=registration.now(),
        earlier_runs=tuple(sorted(trained)),
    )
    write_json(folder / registration.FILE, registration.to_json(registration_record))
    return registration_record


def check_registrable(study: StudyConfig, folder: Path) -> RegistrationFile | None:
    """Return the registration of a folder; None if the study can be registered there. Nothing is written.

    Args:
        study: the study.
        folder: study folder.

    Raises:
        ConfigError: as in :func:`register`.
    """
    if study.phase != "confirm":
        raise ConfigError(f"{study.name}: only a study with phase 'confirm' is registered, this one is a {study.phase}")
    filed = registration.read(folder)
    if filed is not None:
        changed = deviations.list_changes(filed, hypotheses=study.hypotheses, rule=study.rule, design=design(study))
        if changed:
            raise ConfigError(f"{folder} holds another registration: {'; '.join(changed)}. Choose another --out")
        return filed
    if any(True for _ in RowStore(folder)) or any((folder / name).exists() for name in ("runs", "controls")):
        raise ConfigError(f"{folder} holds runs or scores already: a registration comes before the first run")
    return None


def met_before(registration_record: Registration, runs: Path) -> str:
    """Return a warning about networks of a shared folder that were trained before this study; '' if there are none.

    Args:
        registration_record: registration of the study.
        runs: folder of shared runs.
    """
    keys = set(registration_record.runs.values())
    there = sum(read_run(runs / key).begun for key in keys)
    if not there:
        return ""
    return (
        f"{there} of its {len(keys)} networks are in {runs} already: where another study scored them on something "
        "related, this one is no independent evidence (docs/evidence/registration.md)"
    )


def design(study: StudyConfig) -> dict[str, object]:
    """Return the settings that the study fixes in addition to hypotheses and rule."""
    return {k: v for k, v in study.content().items() if not k.startswith(("hypotheses", "rule."))}
