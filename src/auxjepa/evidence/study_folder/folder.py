"""Reading of a study folder. A missing or damaged file becomes a note and not a failure.

Any folder with rows can be read: a ``rows.jsonl`` alone is enough.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from auxjepa.config import ConfigError, flatten, read_yaml
from auxjepa.evidence.decisions import deviations, registration
from auxjepa.evidence.decisions.decision import Outcome, decide_hypotheses
from auxjepa.evidence.decisions.registration import Hypothesis, Registration, Rule
from auxjepa.evidence.statistics.records import CorrectnessReader, FaultReader
from auxjepa.evidence.study_folder import clip_marks, encoders_file, similarity, study_file, units
from auxjepa.evidence.study_folder.artifacts import Audit, Run, Samples, read_audits, read_runs, read_samples
from auxjepa.evidence.study_folder.completion import complete, texts_of
from auxjepa.evidence.study_folder.copies import Copies, find_copies, read_weights_digests, without_copies
from auxjepa.evidence.study_folder.feature_pictures import FILE as FEATURES
from auxjepa.evidence.study_folder.feature_pictures import FeaturePictures, read_feature_pictures
from auxjepa.evidence.study_folder.records_file import read_records, read_text
from auxjepa.evidence.study_folder.seed_steps import apply_steps
from auxjepa.evidence.study_folder.shared_networks import SharedNetworks, read_shared
from auxjepa.evidence.study_folder.similarity import Similarity
from auxjepa.evidence.study_folder.tuning import Tuning, read_tuning
from auxjepa.rows import Row, RowStore
from auxjepa.runs import health

SUBSTITUTE = "; variants, seeds, benchmarks and reference are taken from the rows"


@dataclass(frozen=True)
class Registered:
    """The registration of a study.

    Args:
        registration: the registration.
        hash: the hash in its file.
        deviations: every way in which the study differs from it, one line each.
        void: reason why it does not bind; empty where it binds.
    """

    registration: Registration
    hash: str
    deviations: list[str]
    void: str = ""


@dataclass
class Study:
    """Content of a study folder.

    Args:
        name: name of the study; the folder's name where it has none.
        question: the question of the study.
        answer_template: the study's own sentence before the answer.
        reference: variant that the others are compared with.
        variants: names of the variants.
        seeds: seeds of pretraining.
        benchmarks: names of the benchmarks.
        phase: 'screen' or 'confirm'.
        command: command that runs the study.
        scale_notes: what the scale of the study limits.
        rows: all scores.
        runs: finished pretraining runs.
        protocols: content of ``protocols.json``.
        benchmark_info: content of ``benchmarks.json``.
        regimes: data settings by pretraining regime.
        encoders: frozen encoders from elsewhere by name, content of ``encoders.json``.
        shared: networks that other studies scored, or that are older than the registration.
        similarity: content of ``similarity.json``.
        tuning: content of ``tuning/``.
        registered: the registration.
        audits: gradient audits.
        samples: sample clips.
        features: feature pictures of the sample clips.
        correct: reads the marks of a row.
        copies: networks that are copies of others; their scores are not among ``rows``.
        has_plan: whether ``study.yaml`` says which scores were planned.
        planned: number of planned scores of variants; of scores in a complete table where nothing was planned.
        absent: number of these that are missing.
        source: file with the scores, where they were measured elsewhere; else empty.
        settings: content of ``study.yaml``.
        published: content of ``published.txt``: the place where the hash of the registration was published.
        marks: reads the marks of a row, also where they are not one a clip or contradict its score.
        marks_fault: reads the fault of the marks of a row.
        remarks: how scores are read and shown, one line each.
        notes: what is missing or damaged, one line each.
        left_out: the notes on scores and marks that are left out because they are damaged.
    """

    name: str
    question: str = ""
    answer_template: str = ""
    reference: str = ""
    variants: list[str] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)
    benchmarks: list[str] = field(default_factory=list)
    phase: str = "screen"
    command: str = ""
    scale_notes: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    protocols: dict[str, dict[str, Any]] = field(default_factory=dict)
    benchmark_info: dict[str, dict[str, Any]] = field(default_factory=dict)
    regimes: dict[str, Any] = field(default_factory=dict)
    encoders: dict[str, dict[str, Any]] = field(default_factory=dict)
    shared: SharedNetworks = field(default_factory=SharedNetworks)
    similarity: Similarity | None = None
    tuning: Tuning | None = None
    registered: Registered | None = None
    audits: list[Audit] = field(default_factory=list)
    samples: Samples | None = None
    features: FeaturePictures | None = None
    correct: CorrectnessReader = lambda row: None
    copies: Copies = field(default_factory=Copies)
    has_plan: bool = False
    planned: int = 0
    absent: int = 0
    source: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    published: str = ""
    marks: CorrectnessReader = lambda row: None
    marks_fault: FaultReader = lambda row: None
    remarks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """Outcome of every registered hypothesis; empty where nothing was registered."""
        if self.registered is None:
            return []
        words = {run.hash: run.health for run in self.runs}
        record, void = self.registered.registration, self.registered.void
        suspects = self.copies.suspect_runs
        return decide_hypotheses(record, self.rows, self.correct, void, words, self.marks_fault, suspects)

    def marks_clips(self, row: Row) -> bool:
        """Check whether a row has one mark for each test clip
        (:func:`auxjepa.evidence.study_folder.clip_marks.marks_each_clip`).

        Args:
            row: one score of the study.
        """
        return clip_marks.marks_each_clip(self.benchmark_info.get(row.benchmark, {}), row)

    @property
    def decides(self) -> bool:
        """Return whether the study is a confirmation with a registration that binds."""
        return self.phase == "confirm" and self.registered is not None and not self.registered.void


def load(folder: Path) -> Study:
    """Read a study folder, or any folder with a ``rows.jsonl``.

    Args:
        folder: the folder.

    Raises:
        FileNotFoundError: when there is no such folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such study folder")
    study = Study(name=folder.resolve().name)
    store = RowStore(folder)
    try:
        study.rows = list(store)
        study.left_out = store.notes(study.rows)
    except OSError as error:
        study.left_out = [f"rows.jsonl: cannot be read ({error.strerror})"]
    study.notes += study.left_out
    reader = clip_marks.ClipMarksReader(store, study.marks_clips)
    study.correct, study.marks_fault = reader, reader.fault
    if not study.rows:
        study.notes.append("rows.jsonl: no score yet")
    study.benchmark_info = read_records(
        folder / "benchmarks.json", "benchmarks have no titles and capabilities", study.notes
    )
    settings = _settings(folder / "study.yaml", study)
    study.remarks += units.describe_directions(study.rows, study.benchmark_info)
    study.rows = units.oriented_rows(study.rows, study.benchmark_info)
    study.marks = partial(clip_marks.read_marks, store)
    study.settings, study.published = settings, read_text(folder / "published.txt")
    study.copies = find_copies(
        study.rows,
        [study.reference, *study.variants],
        study.marks,
        read_weights_digests(folder / "runs", {row.run for row in study.rows if row.control is None}),
        study.benchmark_info,
        runs_are_hashes=not study.source,
    )
    study.rows = without_copies(study.rows, study.copies)
    study.notes += study.copies.notes
    study.registered = _registered(folder, settings, study)
    apply_steps(study, settings)
    study.audits = read_audits(folder, study.notes)
    study.protocols = read_records(folder / "protocols.json", "the settings of protocols are not shown", study.notes)
    training_notes: list[str] = [] if study.source else study.notes  # a table of scores has no training
    study.samples = read_samples(folder / "samples.npz", training_notes)
    study.features = read_feature_pictures(folder / FEATURES, study.samples, study.notes)
    study.similarity = similarity.read(folder, study.notes)
    study.tuning = read_tuning(folder)
    study.notes += study.tuning.notes if study.tuning else ()
    study.encoders, encoder_notes = encoders_file.read(folder)
    study.notes += encoder_notes
    runs = folder / "runs"
    scores = Counter(row.run for row in study.rows)
    registered = study.registered.registration if study.registered else None
    # A registration binds the version: an edited study.yaml can't replace it.
    version = health.version_of((registered.design if registered else settings).get(health.FIELD))
    study.runs = read_runs(runs, training_notes, scores, only_scored=runs.is_symlink(), health_version=version)
    trained = [row.run for row in study.rows if row.control is None]
    study.shared = read_shared(folder, study.name, study.runs, trained, registered)
    study.notes += study.shared.notes
    only = settings.get("only")
    complete(study, only if isinstance(only, dict) else {})
    return study


def _settings(path: Path, study: Study) -> dict[str, Any]:
    try:
        content = read_yaml(path)
    except ConfigError as error:
        why = f"cannot be read ({str(error).removeprefix(f'{path}: ')})" if path.exists() else "missing"
        study.notes.append(f"study.yaml: {why}" + (SUBSTITUTE if study.rows else ""))
        return {}
    if not content:
        study.notes.append("study.yaml: does not contain keys and values" + (SUBSTITUTE if study.rows else ""))
        return {}
    if damage := study_file.describe_damage(path, content):
        study.notes.append(f"study.yaml: {damage}")
    for key in ("name", "question", "answer_template", "reference", "phase", "command", "source"):
        value = content.get(key)
        if value is not None:
            setattr(study, key, " ".join(map(str, value)) if isinstance(value, list) else str(value).strip())
    study.has_plan = not study.source
    study.remarks = texts_of(content.get("remarks"))
    study.variants = texts_of(content.get("variants"))
    study.benchmarks = texts_of(content.get("benchmarks"))
    regimes = content.get("regimes")
    study.regimes = {str(k): v for k, v in regimes.items()} if isinstance(regimes, dict) else {}
    seeds = content.get("seeds")
    study.seeds = [s for s in seeds if isinstance(s, int)] if isinstance(seeds, list) else []
    study.scale_notes = texts_of(content.get("scale_notes") or content.get("scale") or content.get("notes"))
    if study.phase not in ("screen", "confirm"):
        study.notes.append(f"study.yaml: phase is {study.phase!r} and is read as 'screen'; use 'screen' or 'confirm'")
        study.phase = "screen"
    return content


def _registered(folder: Path, settings: dict[str, Any], study: Study) -> Registered | None:
    """Read the registration and the deviations from it; a confirming study without a registration gets a note.

    Args:
        folder: the study folder.
        settings: content of ``study.yaml``.
        study: the study.
    """
    try:
        filed = registration.read(folder)
    except ConfigError as error:
        study.notes.append(str(error))
        return None
    if filed is None:
        if study.phase == "confirm":
            study.notes.append(f"{registration.FILE}: missing, so nothing shows that hypotheses came before results")
        return None
    record, void = filed.registration, ""
    if filed.edited:
        void = "the registration was edited, so it does not bind"
    elif early := deviations.count_early(record, study.rows):
        void = f"{early} scores are not shown to be younger than the registration"
    elif study.phase != "confirm":
        void = "the phase of the study is not 'confirm'"
    try:
        hypotheses = [Hypothesis.model_validate(h) for h in settings.get("hypotheses") or []]
        rule = Rule.model_validate(settings.get("rule") or {})
    except (ValidationError, TypeError) as error:
        line = f"hypotheses or rule in study.yaml cannot be read ({type(error).__name__})"
        return Registered(record, filed.hash, [line], void)
    changes = deviations.list_changes(filed, hypotheses=hypotheses, rule=rule, design=flatten(settings))
    departures = deviations.list_departures(record, study.rows, study.marks_fault)
    return Registered(record, filed.hash, changes + departures, void)
