"""Checkpoints: bit for bit, atomic, honest about what was trained."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from auxjepa.train import checkpoint
from auxjepa.train.checkpoint import CheckpointError, digest, load_encoder, read_state, resolve

ALL = {"prediction": {}, "context": {}, "latent_dynamics": {}, "sigreg": {"args": {"slices": 8}}}


@pytest.fixture
def trained(tiny, start):
    """A finished run with heads and a counter."""
    run = start(tiny(objectives=ALL))
    run.train()
    return run


def test_digest_sees_every_bit_name_shape_and_type():
    one = {"a": torch.tensor(1.0), "b": torch.zeros(2, 3)}
    digests = [
        digest(one),
        digest({**one, "a": torch.tensor(1.0 + 2**-23)}),
        digest({**one, "a": torch.tensor([1.0])}),
        digest({**one, "a": torch.tensor(1.0).view(torch.int32)}),
        digest({**one, "b": torch.zeros(3, 2)}),
        digest({**one, "b": -torch.zeros(2, 3)}),
        digest({"a": one["a"], "c": one["b"]}),
        digest({}),
    ]
    assert len(set(digests)) == len(digests)
    assert digest(dict(reversed(one.items()))) == digests[0]
    assert digest({"x": torch.zeros(4, dtype=torch.bfloat16)}) == digest(
        {"x": torch.zeros(8, dtype=torch.bfloat16)[::2]}
    )


def test_everything_comes_back_bit_by_bit(trained, tiny, start):
    again = start(tiny(objectives=ALL, optim={"steps": 6}))
    assert again.step == 6
    before, after = (
        checkpoint.by_role(run.model, run.objectives) | {"moments": checkpoint.optimizer_tensors(*parts)}
        for run, parts in ((run, (run.model, run.objectives, run.optimizer)) for run in (trained, again))
    )
    assert before.keys() == after.keys() == {"student", "teacher", "predictor", "objectives", "moments"}
    for role in before:
        assert before[role].keys() == after[role].keys()
        for name, tensor in before[role].items():
            assert torch.equal(tensor, after[role][name]), f"{role} {name}"
    steps = [value for name, value in after["moments"].items() if name.endswith("/step")]
    assert steps and all(value.ndim == 0 and value == 6 for value in steps)
    assert int(again.objectives["sigreg"].counter) == 6
    assert before["moments"].keys() >= {f"objectives.latent_dynamics.head.0.weight/{m}" for m in ("exp_avg", "step")}


def test_state_says_what_was_trained(tiny, start):
    run = start(tiny(objectives={"latent_dynamics": {}}))
    run.train()
    state = read_state(resolve(run.folder))
    # Latent dynamics reads no prediction, so that nothing moves the predictor.
    assert state.trained == {"student": True, "teacher": True, "predictor": False, "objectives": True}
    assert state.step == 6 and state.config == run.config


def test_an_untrained_role_is_refused_by_name(tiny, start):
    run = start(tiny(teacher={"momentum": [1.0, 1.0]}))
    run.train()
    encoder, _ = load_encoder(run.folder, "student")
    assert not encoder.training and not any(p.requires_grad for p in encoder.parameters())
    assert digest(encoder.state_dict()) == digest(run.model.student.state_dict())
    with pytest.raises(CheckpointError, match=r"the teacher still has its initial weights.*random-init control"):
        load_encoder(run.folder, "teacher")


def test_without_a_teacher_there_is_none_to_probe(tiny, start):
    run = start(tiny(teacher={"enabled": False}, objectives={"prediction": {}, "sigreg": {"args": {"slices": 8}}}))
    run.train()
    assert "teacher" not in read_state(resolve(run.folder)).trained
    load_encoder(run.folder, "student")
    with pytest.raises(CheckpointError, match=r"has no teacher \(its roles: student, predictor"):
        load_encoder(run.folder, "teacher")


@pytest.mark.parametrize("name", ["weights", "optimizer"])
@pytest.mark.parametrize("how", ["cut", "changed", "missing"])
def test_damage_is_found(trained, tiny, start, name, how):
    file = resolve(trained.folder) / f"{name}.safetensors"
    if how == "cut":
        file.write_bytes(file.read_bytes()[:-10])
    elif how == "missing":
        file.unlink()
    else:
        tensors = load_file(file)
        key = next(key for key, value in tensors.items() if value.ndim > 1)
        tensors[key].view(-1)[0] += 1
        save_file(tensors, file)
    with pytest.raises(CheckpointError, match=rf"{name}.safetensors: (cannot be read|damaged)"):
        start(tiny(objectives=ALL))


def test_a_broken_state_is_one_line(trained):
    folder = resolve(trained.folder)
    (folder / "state.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"state\.json: ") as error:
        read_state(folder)
    assert "\n" not in str(error.value)


def test_a_missing_checkpoint_says_what_was_looked_for(tmp_path):
    with pytest.raises(CheckpointError, match="no checkpoint here"):
        resolve(tmp_path)


def test_what_a_killed_writer_leaves_is_never_taken_for_a_checkpoint(trained):
    folder = trained.folder / "checkpoints"
    partial = folder / ".partial-1-step-000009"
    partial.mkdir()
    (partial / "state.json").write_text((resolve(trained.folder) / "state.json").read_text())
    (folder / "step-000008").mkdir()
    assert [path.name for path in checkpoint.find(folder)] == ["step-000006"]
    checkpoint.sweep(folder)
    assert not partial.exists()


def test_checkpoints_are_ordered_by_number(tmp_path):
    for step in (999_999, 1_000_000, 5):
        checkpoint.place(tmp_path, step).mkdir()
        (checkpoint.place(tmp_path, step) / "state.json").write_text("{}")
    assert [path.name for path in checkpoint.find(tmp_path)] == ["step-000005", "step-999999", "step-1000000"]


def test_writing_a_step_again_replaces_it(trained):
    state = read_state(resolve(trained.folder))
    with torch.no_grad():
        trained.model.student.embed.bias.add_(1)
    saved = checkpoint.save(trained.folder / "checkpoints", state, trained.model, trained.objectives, trained.optimizer)
    assert read_state(saved).weights_digest != state.weights_digest
    assert torch.equal(checkpoint.read_weights(saved)["student.embed.bias"], trained.model.student.embed.bias)
    assert sorted(path.name for path in saved.parent.iterdir()) == ["step-000006"]
    assert {path.name for path in saved.iterdir()} == {"weights.safetensors", "optimizer.safetensors", "state.json"}
    json.loads((saved / "state.json").read_text())
