"""Changes of terms that a study makes once, for every variant that has the term. Imports no torch.

A study file writes them under ``base.objectives``. They are laid over the terms of the variants, and a variant's own
record is laid over them. Only the fields that the file mentions are changes. So they are moved to the field ``terms``
of the study before ``base`` becomes a complete run. A ``context`` term stays in ``base``: every variant gets it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from auxjepa.config import ConfigError, ObjectiveConfig, RunConfig, hint
from auxjepa.evidence.wording import join_words
from auxjepa.sealed import first_line
from auxjepa.train.run_settings import lay_over

FIELDS = ("weight", "schedule", "args")
"""Fields of a term that a study may change."""
Changes = Mapping[str, Mapping[str, Any]]


def take_terms(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings of a study, with the terms of ``base.objectives`` moved to ``terms``.

    Args:
        content: settings of a study, complete or a part of them.

    Raises:
        ConfigError: if a change is not valid.
    """
    base = content.get("base")
    written = _objectives(base)
    if written is None:
        return dict(content)
    if not isinstance(written, Mapping):
        raise ConfigError(f"base.objectives must list terms by name, got {written!r}")
    terms, remaining = dict(content.get("terms") or {}), {}
    for key, record in written.items():
        if isinstance(record, Mapping) and (record.get("name") or key) == "context":
            remaining[key] = record
        elif changes := _changes(key, record):
            terms[key] = lay_over(terms.get(key, {}), changes)
        elif key not in RunConfig().objectives:
            terms.setdefault(key, {})
    return {**content, "base": _with_objectives(base, written, remaining), **({"terms": terms} if terms else {})}


def lay_terms(run: RunConfig, terms: Changes) -> RunConfig:
    """Return a run with changed terms; changes of terms that it does not have are left out.

    Args:
        run: the run.
        terms: changed fields by name of the term.

    Raises:
        ConfigError: if a change cannot be made.
    """
    if not terms:
        return run
    objectives = dict(run.objectives)
    for key, term in run.objectives.items():
        if changes := change_of(terms, key, term.name):
            try:
                objectives[key] = ObjectiveConfig.model_validate(lay_over(term.model_dump(mode="json"), changes))
            except ValidationError as error:
                raise ConfigError(f"base.objectives.{key}.{first_line(error)}") from None
    return run.model_copy(update={"objectives": objectives})


def change_of(terms: Changes, key: str, name: str | None) -> Mapping[str, Any]:
    """Return the changed fields of a term: those for its key, else those for its objective.

    Args:
        terms: changed fields by name of the term.
        key: key of the term in a run.
        name: registered objective of the term; its key when None.
    """
    return terms.get(key, terms.get(name or key, {}))


def check_terms(terms: Changes, runs: Iterable[RunConfig]) -> None:
    """Check that each changed term belongs to a variant of the study.

    Args:
        terms: changed fields by name of the term.
        runs: the runs of the variants.

    Raises:
        ValueError: if no variant has a term.
    """
    if not terms:  # every study is checked when it is read, and most change no term
        return
    names = sorted({name for run in runs for name in _names(run)} - {"context"})
    for key in terms:
        if key not in names:
            why = "no variant of the study has this term; their terms are " + join_words(names)
            raise ValueError(f"base.objectives.{key} isn't used: {why}{hint(key, names, listing=False, cutoff=0.7)}")


def describe_unaffected(terms: Changes, runs: Iterable[RunConfig]) -> list[str]:
    """Return one line for each changed term that some variants do not have.

    Args:
        terms: changed fields by name of the term.
        runs: the runs of the variants.
    """
    names = {run.variant: _names(run) for run in runs}
    without = {key: [variant for variant, has in names.items() if key not in has] for key in terms}
    return [
        f"base.objectives.{key}: no effect on {join_words(lacking)}, which {'do' if len(lacking) > 1 else 'does'} not "
        "have this term"
        for key, lacking in without.items()
        if lacking
    ]


def _objectives(base: Any) -> Any:
    if isinstance(base, RunConfig):
        mentioned = base.objectives if "objectives" in base.model_fields_set else {}
        return {key: term.model_dump(mode="json", exclude_unset=True) for key, term in mentioned.items()} or None
    return base.get("objectives") if isinstance(base, Mapping) else None


def _with_objectives(base: Any, written: Mapping[str, Any], remaining: dict[str, Any]) -> Any:
    """Return ``base`` with its remaining terms, and the default terms where it had them."""
    defaults = {key: {} for key in RunConfig().objectives if key in written}
    objectives = {**defaults, **remaining} if remaining else {}
    if isinstance(base, RunConfig):
        plain = objectives or RunConfig().objectives
        return base.model_copy(update={"objectives": {k: ObjectiveConfig.model_validate(v) for k, v in plain.items()}})
    others = {key: value for key, value in base.items() if key != "objectives"}
    return {**others, "objectives": objectives} if objectives else others


def _changes(key: str, record: Any) -> dict[str, Any]:
    """Return the changed fields of a term; none for the complete record of a default term."""
    if isinstance(record, ObjectiveConfig):
        record = record.model_dump(mode="json", exclude_unset=True)
    place = f"base.objectives.{key}"
    if not isinstance(record, Mapping):
        raise ConfigError(f"{place} must list changed fields ({', '.join(FIELDS)}), got {record!r}")
    if key in RunConfig().objectives and record == ObjectiveConfig().model_dump(mode="json"):
        return {}
    changes = {field: value for field, value in record.items() if field != "name" or value is not None}
    for field in changes:
        if field not in FIELDS:
            why = "variants bring their terms, and a study changes " + join_words(FIELDS)
            raise ConfigError(f"{place}.{field} isn't used: {why}{hint(str(field), FIELDS, listing=False)}")
    try:
        ObjectiveConfig.model_validate(changes)
    except ValidationError as error:
        raise ConfigError(f"{place}.{first_line(error)}") from None
    return changes


def _names(run: RunConfig) -> set[str]:
    """Return keys and objectives of the terms of a run."""
    return {name for key, term in run.objectives.items() for name in (key, term.name or key)}
