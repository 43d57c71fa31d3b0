"""The typed content of a study file, and its expansion into runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from auxjepa import regimes, variants
from auxjepa.ceiling_training import CeilingTraining
from auxjepa.config import ConfigError, Count, DataConfig, Natural, RunConfig, Typed, flatten
from auxjepa.evidence.decisions.registration import Hypothesis, Rule, check_hypotheses
from auxjepa.evidence.study_folder.study_file import WORDS
from auxjepa.evidence.study_folder.tuning import at_reference
from auxjepa.rows import CONTROLS, ScoredControl
from auxjepa.study.own_variants import OwnVariant, expand_variants
from auxjepa.study.shared_terms import check_terms, describe_unaffected, lay_terms, take_terms
from auxjepa.study.sizes import Sizes
from auxjepa.study.tuning.checks import check_tune
from auxjepa.study.tuning.recipe import configure as apply_recipe
from auxjepa.study.tuning.settings import Tune

if TYPE_CHECKING:
    from auxjepa.benchmarks import Benchmark


class StudyConfig(Typed):
    """Settings of a study. Every run is ``base`` with the name of a variant, the data of a regime, and a seed."""

    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {
        "scale": "",
        "only": {},
        "definitions": {},
        "data": "",
        "data_digest": "",
        "capabilities": {},
        "own_benchmarks": {},
        "encoders": [],
        "added_seeds": [],
        "probe_version": 1,
        "tune": None,
        "recipes": {},
        "tuning_digest": "",
        "terms": {},
        "health_version": 1,
        "ceiling": CeilingTraining().model_dump(mode="json"),
    }

    name: str
    scale: str = Field(default="", description="its size: 'laptop', 'gpu', 'paper', or another that its file names")
    question: str = ""
    answer_template: str = ""
    phase: Literal["screen", "confirm"] = "screen"
    reference: str = "baseline"
    variants: tuple[str, ...] = Field(
        min_length=1, description="names; in a file also records of variants, see docs/study.md"
    )
    definitions: dict[str, OwnVariant] = Field(
        default={}, description="variants that the study defines, by name; filled in from the records of variants"
    )
    seeds: tuple[Natural, ...] = Field(min_length=1)
    added_seeds: tuple[Count, ...] = Field(default=(), description="numbers of seeds that were added to a screen")
    data: str = Field(
        default="",
        description="folder:PATH or shards:URL of own videos: the source of regimes whose source is 'own', and of the "
        "benchmarks that aren't registered",
    )
    benchmarks: tuple[str, ...] = Field(
        min_length=1,
        description="names of registered benchmarks; with data also label columns, 'folder', diagnostics, or 'own' for "
        "all of these",
    )
    capabilities: dict[str, str] = Field(default={}, description="what a benchmark on own videos measures, by name")
    data_digest: str = Field(default="", description="digest of the files of data; filled in automatically")
    own_benchmarks: dict[str, dict[str, Any]] = Field(
        default={}, description="records of the benchmarks on own videos, by name; filled in automatically"
    )
    sizes: Sizes = Field(default=Sizes(), description="of the benchmarks, instead of the benchmarks' sizes")
    regimes: dict[str, DataConfig] = Field(
        default={"world": DataConfig()},
        min_length=1,
        description="pretraining data by name; a name, or a list of names, means regimes of auxjepa.regimes",
    )
    only: dict[str, tuple[str, ...]] = Field(
        default={}, description="the variants of a regime, where it isn't pretrained with all of them"
    )
    encoders: tuple[str, ...] = Field(
        default=(), description="frozen encoders from elsewhere, scored next to the variants: hf:NAME, run:DIR, …"
    )
    base: RunConfig = RunConfig()
    terms: dict[str, dict[str, Any]] = Field(
        default={}, description="changed fields of the variants' terms; filled in from base.objectives"
    )
    probe_version: Literal[1, 2] = Field(default=1, description="of the grids of probes; 2 in a new study's file")
    health_version: Literal[1, 2] = Field(
        default=1, description="of the rule on the health of runs; 2 in a new study's file"
    )
    controls: tuple[ScoredControl, ...] = CONTROLS
    ceiling: CeilingTraining = Field(
        default=CeilingTraining(), description="training of the controls supervised and convolution, docs/ceilings.md"
    )
    tune: Tune | None = Field(default=None, description="search of the recipe of every variant, see docs/tuning.md")
    recipes: dict[str, dict[str, Any]] = Field(
        default={}, description="changed fields of runs by variant; filled in by the search"
    )
    tuning_digest: str = Field(default="", description="digest of the search; filled in automatically")
    hypotheses: tuple[Hypothesis, ...] = Field(default=(), description="what a confirming study decides")
    rule: Rule = Field(default=Rule(), description="how hypotheses are decided")
    screened_seeds: tuple[Natural, ...] = Field(default=(), description="seeds of the screens that suggested them")
    scale_notes: tuple[str, ...] = Field(default=(), description="what a reader should know about its size")

    @model_validator(mode="before")
    @classmethod
    def _defined(cls, content: Any) -> Any:
        """Replace the records of variants by their names, and move their changed terms out of ``base``."""
        if not isinstance(content, dict) or not isinstance(content.get("variants"), list | tuple):
            return content
        try:
            content = take_terms(content)
            names, definitions = expand_variants(content["variants"], content.get("definitions"))
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return content | {"variants": names} | ({"definitions": definitions} if definitions else {"definitions": {}})

    @field_validator("regimes", mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        """Replace the names of registered regimes by their data. All runs of a study share the recipe of ``base``."""
        try:
            return regimes.by_name(value)
        except ConfigError as error:
            raise ValueError(str(error)) from None

    @model_validator(mode="after")
    def _known(self) -> StudyConfig:
        for what, names in (("variants", self.variants), ("seeds", self.seeds), ("benchmarks", self.benchmarks)):
            if len(set(names)) < len(names):
                raise ValueError(f"{what} lists something twice")
        if self.reference not in self.variants:
            raise ValueError(f"the reference {self.reference!r} is not among the variants")
        for regime, names in self.only.items():
            if regime not in self.regimes:
                raise ValueError(f"only names {regime!r}, which is no regime of the study")
            for name in names:
                if name not in self.variants:
                    raise ValueError(f"only.{regime} names {name!r}, which is no variant of the study")
            if self.reference not in names:
                raise ValueError(f"only.{regime} leaves out the reference {self.reference!r}")
        from auxjepa import benchmarks  # imports torch, which help and status don't need

        try:
            for name in self.variants:
                self.configure(name, self.base)
            for name in self.benchmarks:
                if name not in self.own_benchmarks:
                    benchmarks.get(name)
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return self

    @model_validator(mode="after")
    def _distinct(self) -> StudyConfig:
        """Check that no variant of the study's own trains the same network as another variant."""
        hashes: dict[str, str] = {}
        for name in sorted(self.variants, key=lambda one: one in self.definitions):
            own = self.configure(name, self.base).content_hash()
            if own in hashes and name in self.definitions:
                raise ValueError(f"variants {hashes[own]!r} and {name!r} have equal settings: leave one out")
            hashes.setdefault(own, name)
        return self

    @model_validator(mode="after")
    def _registrable(self) -> StudyConfig:
        """Check whether a confirming study has hypotheses and fresh seeds."""
        names = (*self.variants, *self._names_after_tuning())
        check_hypotheses(self.hypotheses, names, self.benchmarks, tuple(self.regimes), self.controls)
        for h in self.hypotheses:
            own = h.regime or next(iter(self.regimes))
            for name, regime in ((h.variant, own), (h.reference, h.reference_regime or own)):
                if name in self.variants and name not in self.variants_of(regime):
                    raise ValueError(f"hypothesis {h.id!r} names {name!r} on {regime!r}, which only leaves out")
        if self.phase == "confirm" and not self.hypotheses:
            raise ValueError("phase 'confirm' needs hypotheses, written down before the first run")
        if self.phase == "screen" and self.hypotheses:
            raise ValueError("a screen decides no hypothesis: phase must be 'confirm' where hypotheses are listed")
        if self.phase == "screen" and self.rule.looks:
            raise ValueError("rule.looks is for phase 'confirm': seeds can be added to a screen at any time")
        if self.added_seeds and (self.phase != "screen" or sum(self.added_seeds) >= len(self.seeds)):
            raise ValueError("added_seeds counts the last seeds of a screen, which has other seeds too")
        self.rule.check_seeds(len(self.seeds))
        stale = sorted(set(self.seeds) & set(self.screened_seeds))
        if stale:
            raise ValueError(f"seed {stale[0]} was screened on: confirm on fresh seeds")
        return self

    def _names_after_tuning(self) -> tuple[str, ...]:
        """Return the variants at the reference's recipe that a search will add. Hypotheses can name them before it."""
        if self.tune is None or self.recipes or self.tune.readings != "both":
            return ()
        return tuple(at_reference(name, self.reference) for name in self.variants if name != self.reference)

    @model_validator(mode="after")
    def _tunable(self) -> StudyConfig:
        """Check that the search can be made, and that it shares no seed with the study."""
        unknown = sorted(set(self.recipes) - set(self.variants))
        if unknown:
            raise ValueError(f"recipes names {unknown[0]!r}, which is no variant of the study")
        if self.tune is not None:
            check_tune(
                self.tune,
                variants=self.variants,
                benchmarks=self.benchmarks,
                scored_seeds=(*self.seeds, *self.screened_seeds),
                base=self.base,
                variant=self._without_recipe,
            )
        return self

    @model_validator(mode="after")
    def _heeded(self) -> StudyConfig:
        """Check that ``base`` sets no field that the study replaces in every run."""
        if self.base.data != DataConfig():
            raise ValueError("base.data isn't used: pretraining data belongs under regimes, by name")
        if self.base.seed != 0:
            raise ValueError("base.seed isn't used: list seeds under seeds")
        check_terms(self.terms, (self.configure(name, self.base) for name in self.variants))
        return self

    def variants_of(self, regime: str) -> tuple[str, ...]:
        """Return the variants that are pretrained in a regime, in the study's order."""
        return tuple(name for name in self.variants if name in self.only.get(regime, self.variants))

    def configure(self, name: str, base: RunConfig) -> RunConfig:
        """Return a run with the terms, masks, teacher and optimiser of a variant of the study.

        Args:
            name: name of the variant, registered or defined by the study.
            base: run that the variant changes.

        Raises:
            ConfigError: if there is no such variant, or it cannot be configured.
        """
        try:
            return apply_recipe(lambda below: self._without_recipe(name, below), base, self.recipes.get(name, {}))
        except ConfigError as error:
            if name not in self.definitions and name not in self.recipes:
                raise
            raise ConfigError(f"variant {name!r}: {error}") from None

    def _without_recipe(self, name: str, base: RunConfig) -> RunConfig:
        """Return a run of a variant, without the recipe that a search chose for it."""
        if name not in self.definitions:
            return lay_terms(variants.apply(name, base), self.terms)
        return self.definitions[name].configure(name, base, self.terms)

    def describe_terms(self) -> list[str]:
        """Return one line for each term of ``base`` that some variants do not have."""
        return describe_unaffected(self.terms, (self.configure(name, self.base) for name in self.variants))

    def with_plugins(self) -> StudyConfig:
        """Return the study with version and source digest of each plug-in that its variants use.

        Raises:
            ConfigError: if a variant was written for another version or source than the installed one.
        """
        from auxjepa.objectives.plugin_source import stamp_objectives  # imports torch

        definitions = {
            name: one.model_copy(update={"objectives": stamp_objectives(one.objectives)})
            for name, one in self.definitions.items()
        }
        return self if definitions == self.definitions else self.model_copy(update={"definitions": definitions})

    def chosen_benchmarks(self) -> list[Benchmark]:
        """Return the benchmarks of the study, in its order and sizes, with the probes of its version."""
        from auxjepa import benchmarks
        from auxjepa.benchmarks.probe_versions import at_version

        own = {name: benchmarks.Benchmark.model_validate(record) for name, record in self.own_benchmarks.items()}
        chosen = [own[name] if name in own else benchmarks.get(name) for name in self.benchmarks]
        return [self.sizes.on(at_version(benchmark, self.probe_version)) for benchmark in chosen]

    def content(self) -> dict[str, Any]:
        """Return every setting that can change a number or the set of runs, by dotted name.

        Texts for readers, names, logging and folders are left out.
        """
        record = self.model_dump(mode="json", exclude={*WORDS, "hypotheses"})
        out = flatten(record | {"hypotheses": {h.id: h.model_dump(mode="json") for h in self.hypotheses}})
        base = {f"base.{name}" for name in ("variant", "regime", "seed")}
        if self.base.checkpoint.keep != "best":
            base.add("base.checkpoint.every")
        silent = ("base.log.", "base.data.", "capabilities.")
        places = {f"regimes.{name}.{field}" for name in self.regimes for field in DataConfig.PLACES}
        return {k: v for k, v in out.items() if k not in base | places and not k.startswith(silent)}

    def differences(self, other: StudyConfig) -> list[str]:
        """Return one line for each difference between two studies; none if both give the same numbers."""
        mine, theirs = self.content(), other.content()
        keys = [*mine, *(key for key in theirs if key not in mine)]
        absent = "nothing"
        return [
            f"{key} is {mine.get(key, absent)} here and {theirs.get(key, absent)} there"
            for key in keys
            if mine.get(key, absent) != theirs.get(key, absent)
        ]


def without_new_seeds(study: StudyConfig, earlier: StudyConfig) -> StudyConfig:
    """Return a study without the seeds that were added to it after an earlier version of it; else the study itself."""
    steps = study.added_seeds[len(earlier.added_seeds) :]
    is_longer = bool(steps) and study.seeds[: -sum(steps)] == earlier.seeds
    update = {"seeds": earlier.seeds, "added_seeds": earlier.added_seeds} if is_longer else {}
    return study.model_copy(update=update)
