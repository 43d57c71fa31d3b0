"""Building objectives by name, plug-ins, and the helpers they share."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import torch
import yaml
from jaxtyping import Float
from torch import Tensor

from auxjepa.config import ConfigError, ObjectiveConfig
from auxjepa.objectives import OBJECTIVES, Objective, build, check, hyperparameters, plugins
from auxjepa.objectives.objective import average, power
from auxjepa.step import Step, View

DOCUMENTED = {
    "prediction": {"exponent": 1},
    "context": {"exponent": 1, "distance_weighted": True},
    "hard_region": {"temperature": 1, "exponent": 1},
    "latent_dynamics": {"hidden_dim": 256, "channels": "all", "subspaces": None, "hard_region": None},
    "delta": {},
    "spectral": {"low": 0.1, "high": 1.0},
    "temporal_contrast": {"margin": 0.5},
    "action": {"hidden_dim": 256, "out_channels": 3, "channels": "all", "subspaces": None},
    "hamiltonian": {"dt": 0.1, "hidden_dim": 256},
    "velocity_gate": {"quantile": 0.5},
    "sigreg": {"slices": 1024, "t_max": 3.0, "points": 17},
}


@pytest.mark.parametrize(("name", "expected"), DOCUMENTED.items())
def test_names_and_defaults_are_those_of_the_design(name: str, expected: dict) -> None:
    assert hyperparameters(OBJECTIVES[name]) == expected


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("latent_dynamic", {}, "did you mean 'latent_dynamics'"),
        ("prediction", {"exponnent": 2}, "did you mean 'exponent'"),
        ("delta", {"margin": 1}, "it takes none"),
        ("prediction", {"exponent": 0}, "exponent must be a number above 0"),
        ("hard_region", {"temperature": -1}, "temperature must be a number above 0"),
        ("spectral", {"low": -1}, "must not be negative"),
        ("action", {"out_channels": 4}, "1, 2 or 3"),
        ("action", {"channels": "dynamic"}, "all, appearance, dynamics"),
        ("latent_dynamics", {"hidden_dim": 0}, "hidden_dim must be a number above 0"),
        ("latent_dynamics", {"hard_region": {"temprature": 1}}, "it takes temperature"),
        ("static_appearance", {"subspaces": {"ratio": 1.0}}, "ratio"),
        ("kinematic", {"kind": "jerk"}, "l1, huber, acceleration"),
        ("kinematic", {"channel_share": 2}, "at most 1"),
        ("velocity_gate", {"quantile": 1.5}, "between 0 and 1"),
        ("sigreg", {"points": 1}, "at least 2"),
        ("variance", {"gamma": 0}, "gamma must be a number above 0"),
        ("infonce", {"temperature": 0}, "temperature must be a number above 0"),
        ("pixel_reconstruction", {"patch": 0}, "patch must be a number above 0"),
    ],
)
def test_objectives_that_cannot_be_built_are_one_line(name: str, settings: dict, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        build(name, levels=2, dim=4, **settings)
    assert "\n" not in str(caught.value)


def test_odd_sizes_are_refused() -> None:
    with pytest.raises(ConfigError, match="odd"):
        build("hamiltonian", levels=1, dim=3)
    with pytest.raises(ConfigError, match="cannot be divided"):
        build("static_appearance", levels=2, dim=1)
    with pytest.raises(ConfigError, match="at least one"):
        build("delta", levels=0, dim=4)


class Loudness(Objective):
    """The plug-in of docs/objectives/README.md: mean square of the student's features."""

    def term(self, step: Step, view: View) -> Float[Tensor, ""]:
        return view.context.float().square().mean()


def test_a_plugin_is_found_through_its_entry_point(monkeypatch) -> None:
    good = EntryPoint("loudness", "mine:Loudness", "auxjepa.objectives")
    bad = EntryPoint("wrong", "mine:nothing", "auxjepa.objectives")
    monkeypatch.setattr(EntryPoint, "load", lambda self: Loudness if self.name == "loudness" else dict)
    monkeypatch.setattr(plugins, "entry_points", lambda group: [good, bad])
    assert isinstance(build("loudness", levels=1, dim=2), Loudness)
    check("loudness")
    with pytest.raises(ConfigError, match="not a subclass"):
        build("wrong", levels=1, dim=2)
    with pytest.raises(ConfigError, match="did you mean 'loudness'"):
        build("loudnes", levels=1, dim=2)


def test_average_skips_undefined_terms(make_step) -> None:
    step = make_step()
    assert average([torch.tensor(2.0), None, torch.tensor(4.0)], step).item() == 3
    nothing = average([None], step)
    assert nothing.item() == 0 and not nothing.requires_grad


def test_power() -> None:
    assert power(torch.tensor([-3.0]), 1).item() == 3
    assert power(torch.tensor([-3.0]), 2).item() == 4.5


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_has_a_page_that_names_its_hyperparameters(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "objectives" / f"{name}.md").read_text()
    assert [h for h in hyperparameters(OBJECTIVES[name]) if f"`{h}`" not in page] == []
    example = yaml.safe_load(page.split("```yaml")[1].split("```")[0])["objectives"]
    for key, entry in example.items():
        build(key, levels=2, dim=4, **ObjectiveConfig.model_validate(entry).args)
