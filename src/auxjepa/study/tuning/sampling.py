"""Draws recipes with samplers of Optuna. Imports no torch."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from auxjepa.config import ConfigError, RunConfig
from auxjepa.seeds import derive_seed
from auxjepa.study.tuning.recipe import change_fields, has_effect, has_field
from auxjepa.study.tuning.settings import Interval, Space, Tune, extreme_values

if TYPE_CHECKING:
    import optuna

Configured = Callable[[RunConfig], RunConfig]
"""Returns the run of a variant on another run."""


class RecipeSampler:
    """Draws the recipes of one variant.

    Trial 0 is the recipe of the study's ``base``, and the next trials are the listed recipes. All others are drawn.
    With the sampler ``random``, trial number n has the same values of the common fields for every variant.

    Args:
        tune: settings of the search.
        variant: name of the variant.
        configured: returns the run of the variant on another run.
        base: the run below the variant. Fields that change nothing on it are left out.

    Raises:
        ConfigError: if Optuna is not installed, or no field can be searched.
    """

    def __init__(self, tune: Tune, variant: str, configured: Configured, base: RunConfig) -> None:
        self.tune, self.variant = tune, variant
        self.space = searched_space(tune, variant, configured, base)
        self._listed = [restrict(recipe, configured, base) for recipe in tune.recipes]
        if not self.space:
            raise ConfigError(f"tune: {variant} has none of the fields of the space")
        self._optuna = _import_optuna()
        self._study = self._new_study(derive_seed(tune.seed, "tune", variant) % 2**32)
        self._open: dict[int, optuna.trial.Trial] = {}

    def draw(self, trial: int) -> dict[str, Any]:
        """Return the recipe of a trial. Trials are drawn in order.

        Args:
            trial: number of the trial, from 0.
        """
        if trial <= len(self.tune.recipes):
            return {} if trial == 0 else self._listed[trial - 1]
        if self.tune.sampler == "random":  # a new stream for each trial, so that additional fields shift no other trial
            self._study = self._new_study(derive_seed(self.tune.seed, "tune", trial) % 2**32)
        drawn = self._study.ask(self._distributions())
        self._open[trial] = drawn
        return {field: self._value(field, drawn.params[field]) for field in self.space}

    def learn(self, trial: int, objective: float | None) -> None:
        """Report the objective of a drawn trial; None if it failed.

        Args:
            trial: number of the trial.
            objective: the larger, the better.
        """
        drawn = self._open.pop(trial, None)
        if drawn is None or self.tune.sampler == "random":
            return
        state = self._optuna.trial.TrialState
        if objective is None:
            self._study.tell(drawn, state=state.FAIL)
        else:
            self._study.tell(drawn, objective)

    def _new_study(self, seed: int) -> optuna.Study:
        samplers = self._optuna.samplers
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # multivariate TPE is marked as experimental
            sampler = {
                "random": lambda: samplers.RandomSampler(seed=seed),
                "tpe": lambda: samplers.TPESampler(seed=seed, multivariate=True, n_startup_trials=10),
            }[self.tune.sampler]()
        return self._optuna.create_study(sampler=sampler, direction="maximize")

    def _distributions(self) -> dict[str, Any]:
        kinds = self._optuna.distributions
        out: dict[str, Any] = {}
        # Fields that the variant lacks are drawn too, so that they shift no other field.
        for field, values in self.tune.space_of(self.variant).items():
            if not isinstance(values, Interval):
                out[field] = kinds.CategoricalDistribution(tuple(range(len(values))))
            elif values.whole:
                step = int(values.step or 1)
                out[field] = kinds.IntDistribution(int(values.low), int(values.high), log=values.log, step=step)
            else:
                out[field] = kinds.FloatDistribution(values.low, values.high, log=values.log, step=values.step)
        return out

    def _value(self, field: str, drawn: Any) -> Any:
        """Return the value of a field. Numbers have four significant digits, so that people can read and copy them."""
        values = self.space[field]
        if not isinstance(values, Interval):
            return values[int(drawn)]
        return int(drawn) if values.whole else min(max(float(f"{drawn:.4g}"), values.low), values.high)


def searched_space(tune: Tune, variant: str, configured: Configured, base: RunConfig) -> Space:
    """Return the fields that are searched for a variant.

    Fields of terms that the variant does not have are left out, and fields that it sets to its own value.

    Args:
        tune: settings of the search.
        variant: name of the variant.
        configured: returns the run of the variant on another run.
        base: the run below the variant.
    """
    return {
        field: values
        for field, values in tune.space_of(variant).items()
        if has_effect(configured, base, field, extreme_values(values))
    }


def restrict(recipe: Mapping[str, Any], configured: Configured, base: RunConfig) -> dict[str, Any]:
    """Return the fields of a recipe that can change the run of a variant.

    Args:
        recipe: values by dotted name.
        configured: returns the run of the variant on another run.
        base: the run below the variant.
    """
    plain = configured(base)
    own = plain.content_hash()

    def applies(field: str, value: Any) -> bool:
        if not has_field(plain, field):
            return False
        already = change_fields(plain, {field: value}).content_hash() == own
        return already or has_effect(configured, base, field, [value])

    return {field: value for field, value in recipe.items() if applies(field, value)}


def _import_optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise ConfigError("tuning draws recipes with Optuna: pip install 'auxjepa[tune]'") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna
