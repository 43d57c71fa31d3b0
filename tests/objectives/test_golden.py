"""Values and gradients of the released reference lines (../shared/golden), to 1e-5 relative in float32."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from auxjepa.objectives import Objective, build
from auxjepa.step import Step, View
from auxjepa.tokens import Grid

GRID = Grid(4, 4, 4, 2, 4)
GOLDEN = Path(__file__).resolve().parents[3] / "shared" / "golden"
RELEASED = {"ratio": 0.5, "split": "concatenated"}
DYNAMICS = {"channels": "dynamics", "subspaces": RELEASED, "hidden_dim": 16}


class Form(NamedTuple):
    """How one variant of the golden file is reached here."""

    name: str
    settings: dict[str, Any]
    head: str = "head"


FORMS: dict[tuple[str, str], Form] = {
    ("prediction", "main"): Form("prediction", {}),
    ("prediction", "p2"): Form("prediction", {"exponent": 2}),
    ("context", "main"): Form("context", {}),
    ("context", "unweighted"): Form("context", {"distance_weighted": False}),
    ("hw", "main"): Form("hard_region", {}),
    ("hw", "temp0.1"): Form("hard_region", {"temperature": 0.1}),
    ("fwm", "static"): Form("static_appearance", {"subspaces": RELEASED}),
    ("fwm", "orth"): Form("cross_covariance", {"subspaces": RELEASED}),
    ("fwm", "static_r0.25"): Form("static_appearance", {"subspaces": RELEASED | {"ratio": 0.25}}),
    ("fwm", "orth_r0.25"): Form("cross_covariance", {"subspaces": RELEASED | {"ratio": 0.25}}),
    ("ld", "main"): Form("latent_dynamics", {"hidden_dim": 16}),
    ("ld", "hw"): Form("latent_dynamics", {"hidden_dim": 16, "hard_region": {"detach": True}}),
    ("ld", "hw/intended"): Form("latent_dynamics", {"hidden_dim": 16, "hard_region": {}}),
    ("ld", "fwm"): Form("latent_dynamics", DYNAMICS, "head_fwm"),
    ("ld", "fwm_hw"): Form("latent_dynamics", DYNAMICS | {"hard_region": {"detach": True}}, "head_fwm"),
    ("delta", "main"): Form("delta", {}),
    ("spectral", "main"): Form("spectral", {}),
    ("ltc", "main"): Form("temporal_contrast", {}),
    ("ltc", "margin0.05"): Form("temporal_contrast", {"margin": 0.05}),
    ("ac", "main"): Form("action", {"hidden_dim": 16}),
    ("ac", "fac"): Form("action", DYNAMICS, "head_fac"),
    ("hamiltonian", "main"): Form("hamiltonian", {"hidden_dim": 16}),
    ("velgate", "main"): Form("velocity_gate", {}),
    ("kinematic", "l1"): Form("kinematic", {"on": "target"}),
    ("kinematic", "huber"): Form("kinematic", {"kind": "huber", "on": "target"}),
    ("kinematic", "acceleration"): Form("kinematic", {"kind": "acceleration", "on": "target"}),
    ("kinematic", "acceleration_split0.5"): Form(
        "kinematic", {"kind": "acceleration", "on": "target", "channel_share": 0.5}
    ),
    ("sigreg", "main"): Form("sigreg", {}),
    ("ld", "fwm_hw/intended"): Form("latent_dynamics", DYNAMICS | {"hard_region": {}}, "head_fwm"),
}


def _cases() -> list[Any]:
    if not GOLDEN.exists():
        return [pytest.param("", "", "", marks=pytest.mark.skip(reason="../shared/golden is not beside this checkout"))]
    about = json.loads((GOLDEN / "cases.json").read_text())["objectives"]
    return [
        pytest.param(name, case, variant, id=f"{name}-{case}-{variant}")
        for name, entry in about.items()
        if name not in ("targets", "motion")
        for case, content in entry["cases"].items()
        for variant in content["variants"]
    ]


def _index(data: dict[str, Tensor], case: str, what: str) -> list[Tensor]:
    return [data[key].long() for key in sorted(data) if key.startswith(f"{case}/{what}/")]


def _leaves(data: dict[str, Tensor], case: str, what: str) -> list[Tensor]:
    return [data[key].clone().requires_grad_() for key in sorted(data) if key.startswith(f"{case}/{what}/")]


def _step(data: dict[str, Tensor], case: str, levels: int) -> tuple[Step, dict[str, list[Tensor]]]:
    """The case's Step, its parts that the file lacks filled with noise, and the leaves by their golden name."""
    leaves = {what: _leaves(data, case, what) for what in ("z_enc", "z_pred", "z_context", "h")}
    visible, hidden = _index(data, case, "masks_enc"), _index(data, case, "masks_pred")
    width = next(t.shape[-1] for ts in leaves.values() for t in ts)
    views = max(len(visible), len(hidden), 1)
    noise = torch.Generator().manual_seed(0)

    def split(t: Tensor) -> Tensor:
        return t.unflatten(-1, (levels, width // levels))

    made = []
    for v in range(views):
        c = visible[v] if visible else torch.arange(4).repeat(2, 1)
        p = hidden[v] if hidden else torch.arange(60, 64).repeat(2, 1)
        z, q, r = (leaves[what][v] if leaves[what] else None for what in ("z_enc", "z_pred", "z_context"))
        z = torch.randn(*c.shape, width, generator=noise) if z is None else z
        q = torch.randn(*p.shape, width, generator=noise) if q is None else q
        r = torch.randn(*c.shape, width, generator=noise) if r is None else r
        made.append(View(c, p, split(z), split(q), split(r)))
    if not leaves["h"]:
        leaves["h"] = [torch.randn(2, 64, width, generator=noise).requires_grad_()]
    pixels = data.get(f"{case}/clips/g0", torch.zeros(2, 3, 8, 16, 16))
    return Step(pixels, GRID, split(leaves["h"][0]), tuple(made), 0.0), leaves


def _load(objective: Objective, data: dict[str, Tensor], case: str, head: str) -> None:
    prefix = f"{case}/{head}/"
    found = {key.removeprefix(prefix): value for key, value in data.items() if key.startswith(prefix)}
    if found:
        names = {re.sub(r"^net\.", "energy.", k) if k.startswith("net.") else f"head.{k}": v for k, v in found.items()}
        objective.load_state_dict(names, strict=True)


def _same(ours: Tensor, golden: Tensor) -> None:
    scale = golden.abs().max().item()
    torch.testing.assert_close(ours, golden, rtol=1e-5, atol=1e-5 * scale + 1e-9)


@pytest.mark.parametrize("levels", [1, 4])
@pytest.mark.parametrize(("name", "case", "variant"), _cases())
def test_golden(name: str, case: str, variant: str, levels: int) -> None:
    """Same value, same gradients, and absent where absent there (how many levels the channels are cut in is free)."""
    about = json.loads((GOLDEN / "cases.json").read_text())["objectives"][name]["cases"][case]
    expected = about["variants"][variant]
    data = load_file(GOLDEN / f"{name}.safetensors")
    form = FORMS[name, variant]
    step, leaves = _step(data, case, levels)
    dim = step.target.shape[-1]
    objective = build(form.name, levels=levels, dim=dim, **form.settings)
    _load(objective, data, case, form.head)
    if "step" in about["params"]:
        objective.get_buffer("counter").fill_(about["params"]["step"])

    loss = objective(step)
    main = variant == "main" and f"{case}/loss" in data
    prefix = f"{case}/" if main else f"{case}/{variant}/"
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(data[f"{prefix}loss"].item(), rel=1e-5, abs=1e-8)
    assert loss.requires_grad == expected["requires_grad"]
    if loss.requires_grad:
        loss.backward()
    for what, tensors in leaves.items():
        for place, leaf in enumerate(tensors):
            key = f"{prefix}grad_{what}/g0" + ("" if what == "h" else f"/m{place}")
            if key in data:
                assert leaf.grad is not None, key
                _same(leaf.grad, data[key])
            else:
                assert leaf.grad is None, f"{key}: a gradient where the reference has none"
    for parameter, tensor in objective.named_parameters():
        golden = parameter.removeprefix("head.").replace("energy.", "net.")
        key = f"{prefix}grad_head/{golden}"
        if key in data:
            assert tensor.grad is not None, key
            _same(tensor.grad, data[key])
        else:
            assert tensor.grad is None, f"{key}: a gradient where the reference has none"
