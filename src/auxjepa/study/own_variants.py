"""Variants that a study defines in its file: changes of a registered variant, complete variants, and sweeps.

An entry of ``variants`` is the name of a registered variant, or a record. A record with ``from`` changes a registered
variant; a record without it lists all terms, such as those of plug-ins. ``sweep`` replaces a record by one variant for
each value. Imports no torch.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import ConfigDict, Field, ValidationError

from auxjepa import variants
from auxjepa.config import ConfigError, RunConfig, Typed
from auxjepa.rows import CONTROLS
from auxjepa.sealed import first_line
from auxjepa.study.shared_terms import Changes, change_of, lay_terms
from auxjepa.train.run_settings import lay_over
from auxjepa.variants.variant import MaskChange

LONGEST_NAME = 80
"""Largest number of characters of a name. Tables and figures show names whole."""
MOST_VALUES = 1000
"""Largest number of variants that a sweep gives."""
SWEPT = ("objectives", "masks", "teacher", "optim")
"""Fields of a run that a variant changes. A study decides all other fields once for all its variants."""


class OwnVariant(Typed):
    """A variant that a study defines."""

    model_config = ConfigDict(serialize_by_alias=True)

    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {"from": "", "masks": None, "teacher": {}, "optim": {}, "family": ""}

    start: str = Field(
        default="", alias="from", description="registered variant that is changed; empty: all terms are listed"
    )
    summary: str = ""
    objectives: dict[str, dict[str, Any] | None] = Field(
        default={}, description="terms by name, laid over those of the variant; null removes a term"
    )
    masks: list[dict[str, Any]] | dict[str, Any] | None = Field(
        default=None, description="all masks, or one change of every mask (kind, args, blocks_share)"
    )
    teacher: dict[str, Any] = Field(default={}, description="changed fields of the teacher")
    optim: dict[str, Any] = Field(default={}, description="changed fields of the optimiser and of the schedule")
    family: str = Field(default="", description="the sweep that the variant belongs to; filled in automatically")

    def configure(self, name: str, base: RunConfig, terms: Changes = {}) -> RunConfig:  # noqa: B006
        """Return a run with the terms, masks, teacher and optimiser of this variant.

        Args:
            name: name of the variant.
            base: run that the variant changes.
            terms: changed fields of terms that the study sets for all its variants.

        Raises:
            ConfigError: if there is no such registered variant, or a change cannot be made.
        """
        run = lay_terms(variants.apply(self.start, base), terms) if self.start else _without_terms(base)
        content: dict[str, Any] = run.model_dump(mode="json") | {"variant": name}
        own: dict[str, Any] = content["objectives"]
        for key, change in self.objectives.items():
            if change is None:
                if key not in own:
                    raise ConfigError(f"objectives.{key}: {self.start or 'the variant'} has no such term to remove")
                own = {k: v for k, v in own.items() if k != key}
            else:
                own = {**own, key: lay_over(own.get(key) or change_of(terms, key, change.get("name")), change)}
        content["objectives"] = own
        if isinstance(self.masks, list):
            content["masks"] = self.masks
        elif self.masks is not None:
            try:
                mask_change = MaskChange.model_validate(self.masks)
            except ValidationError as error:
                raise ConfigError(f"masks: {first_line(error)}") from None
            content["masks"] = [mask.model_dump(mode="json") for mask in variants.change_masks(run.masks, mask_change)]
        for field in ("teacher", "optim"):
            content[field] = lay_over(content[field], getattr(self, field))
        try:
            return RunConfig.model_validate(content)
        except ValidationError as error:
            raise ConfigError(first_line(error)) from None


def expand_variants(entries: Any, definitions: Any) -> tuple[list[Any], dict[str, Any]]:
    """Return the names of a study's variants, and the records of those that the study defines.

    Args:
        entries: names and records, as in a study file.
        definitions: records by name that are already expanded, as in the ``study.yaml`` of a study folder.

    Raises:
        ConfigError: if an entry is neither a name nor a valid record, or a name is used twice.
    """
    records: dict[str, Any] = {}
    names: list[Any] = []
    for entry in entries:
        if not isinstance(entry, Mapping):
            names.append(entry)
            continue
        for name, record in _expand_sweep(dict(entry)):
            if name in records:
                raise ConfigError(f"variants: two records have the name {name!r}")
            records[name] = record
            names.append(name)
    earlier = definitions if isinstance(definitions, Mapping) else {}
    used = {name: record for name, record in earlier.items() if name in names}
    return names, {**used, **records}


def check_name(name: str) -> None:
    """Check whether a study may define a variant with this name.

    Args:
        name: the name.

    Raises:
        ConfigError: if it may not.
    """
    if not name or not name.isprintable() or len(name) > LONGEST_NAME or name != name.strip():
        why = f"a name has 1 to {LONGEST_NAME} printable characters, and no space at its ends"
        raise ConfigError(f"variants: {name[:LONGEST_NAME]!r} can't be the name of a variant: {why}")
    if name in variants.VARIANTS:
        raise ConfigError(f"variants: {name!r} is a registered variant: choose another name for the record")
    if name in (*CONTROLS, "one_frame", "shuffled", "frozen"):
        raise ConfigError(f"variants: {name!r} is the name of a control: choose another name for the record")


def families(definitions: Mapping[str, OwnVariant]) -> dict[str, list[str]]:
    """Return the variants of each sweep by its name.

    Args:
        definitions: variants that the study defines, by name.
    """
    out: dict[str, list[str]] = {}
    for name, one in definitions.items():
        if one.family:
            out.setdefault(one.family, []).append(name)
    return out


def _expand_sweep(entry: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return name and record of each variant of an entry; one without a sweep."""
    sweep = entry.pop("sweep", None)
    name = entry.pop("name", None)
    if name is not None and not isinstance(name, str):
        raise ConfigError(f"variants: a name is a text, got {name!r}")
    if sweep is None:
        if name is None:
            raise ConfigError("variants: a record needs a name (only a sweep makes its names)")
        check_name(name)
        return [(name, entry)]
    stem = name or entry.get("from")
    if not isinstance(stem, str) or not stem:
        raise ConfigError("variants: a sweep needs `from`, or a name")
    fields = _swept_values(stem, sweep)
    out = []
    for values in itertools.product(*fields.values()):
        changes = dict(zip(fields, values, strict=True))
        own = f"{stem}:" + ",".join(f"{_short(field)}={_text(value)}" for field, value in changes.items())
        check_name(own)
        record = entry | {"family": f"{stem}:{','.join(_short(field) for field in fields)}"}
        for field, value in changes.items():
            record = lay_over(record, _nested(field.split("."), value))
        out.append((own, record))
    return out


def _swept_values(stem: str, sweep: Any) -> dict[str, Sequence[Any]]:
    """Return the values of each swept field, by its dotted name.

    Raises:
        ConfigError: if the sweep is not valid.
    """
    if not isinstance(sweep, Mapping) or not sweep:
        raise ConfigError(
            f"variants: the sweep of {stem!r} must list values by field, such as {{optim.lr: [0.1, 0.2]}}"
        )
    count = 1
    for field, values in sweep.items():
        if not isinstance(field, str) or field.split(".")[0] not in SWEPT or "." not in field:
            raise ConfigError(f"variants: a sweep can't change {field!r}: its fields begin with {', '.join(SWEPT)}")
        if not isinstance(values, list | tuple) or len(values) < 2:
            raise ConfigError(f"variants: the sweep of {field} needs a list of two or more values, got {values!r}")
        written = [json.dumps(value, sort_keys=True, default=str) for value in values]
        if len(set(written)) < len(written):
            raise ConfigError(f"variants: the sweep of {field} lists a value twice")
        count *= len(values)
    if count > MOST_VALUES:
        raise ConfigError(f"variants: the sweep of {stem!r} gives {count:,} variants, and {MOST_VALUES:,} are allowed")
    return dict(sweep)


def _nested(parts: list[str], value: Any) -> Any:
    return value if not parts else {parts[0]: _nested(parts[1:], value)}


def _short(field: str) -> str:
    """Return a field without the room that it is in: ``latent_dynamics.weight`` for an objective."""
    parts = [part for part in field.split(".")[1:] if part != "args"]
    return ".".join(parts)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{value:g}" if isinstance(value, float) else json.dumps(value, separators=(",", ":"))


def _without_terms(base: RunConfig) -> RunConfig:
    """Return a run whose only term is the ``context`` term of the base, if it has one."""
    context = {key: term for key, term in base.objectives.items() if (term.name or key) == "context"}
    return base.model_copy(update={"objectives": context})
