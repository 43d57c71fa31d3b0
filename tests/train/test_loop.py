"""The loop: what is logged, learned, kept, refused and repeated."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from filelock import FileLock

from auxjepa.config import ConfigError, RunConfig, read_yaml
from auxjepa.objectives import OBJECTIVES, Objective
from auxjepa.train.checkpoint import digest, read_state, resolve
from auxjepa.train.loop import Run, TrainingError

LD = {"prediction": {}, "latent_dynamics": {"weight": 0.5}}


def lines(run):
    return [json.loads(line) for line in (run.folder / "metrics.jsonl").read_text().splitlines()]


def weights(run):
    return digest(run.model.state_dict() | run.objectives.state_dict())


def test_every_step_logs_every_term_and_the_loss_is_their_weighted_sum(tiny, start):
    run = start(tiny(objectives={**LD, "delta": {"weight": 0.0}}))
    summary = run.train()
    assert [line["step"] for line in lines(run)] == list(range(6))
    for line in lines(run):
        assert line["weighted/latent_dynamics"] == pytest.approx(0.5 * line["terms/latent_dynamics"])
        assert line["weighted/delta"] == 0 < line["terms/delta"]
        assert line["loss"] == pytest.approx(line["terms/prediction"] + line["weighted/latent_dynamics"], rel=1e-6)
        assert line["grad_norm"] > 0 and {"lr", "momentum"} <= line.keys()
    watched = [line["step"] for line in lines(run) if "rank/student" in line and "std/teacher" in line]
    assert watched == [0, 3, 5]
    assert json.loads((run.folder / "summary.json").read_text())["hash"] == run.config.content_hash() == summary.hash
    assert set(summary.shares) >= {"data", "masks", "teacher", "student", "predictor", "objectives", "backward"}
    assert summary.checkpoint == "checkpoints/step-000006" and summary.peak_memory_mb > 0


def test_the_first_look_is_at_the_initial_weights(tiny, start):
    """Teacher and student are the same network before the first step."""
    run = start(tiny())
    run.train()
    first, last = lines(run)[0], lines(run)[-1]
    assert first["rank/student"] == first["rank/teacher"] and first["std/student"] == first["std/teacher"]
    assert last["rank/student"] != last["rank/teacher"]


def test_a_term_of_weight_zero_changes_nothing(tiny, start):
    with_it, without = start(tiny(objectives={**LD, "delta": {"weight": 0.0}})), start(tiny(objectives=LD), "other")
    with_it.train(), without.train()
    assert digest(with_it.model.state_dict()) == digest(without.model.state_dict())


def test_heads_learn_are_clipped_and_are_scheduled(tiny, start):
    run = start(tiny(objectives=LD, optim={"clip": 1e-3}))
    before = [p.clone() for p in run.objectives.parameters()]
    run.advance()
    heads = list(run.objectives.parameters())
    assert all(not torch.equal(a, b) for a, b in zip(before, heads, strict=True))
    everything = [p.grad for group in run.optimizer.param_groups for p in group["params"] if p.grad is not None]
    assert {id(p.grad) for p in heads} <= {id(g) for g in everything}
    assert torch.stack([g.norm() for g in everything]).norm().item() == pytest.approx(1e-3, rel=1e-2)

    ramp = {"kind": "linear", "first": 0.0, "last": 1.0}
    late = start(tiny(objectives={"prediction": {}, "latent_dynamics": {"schedule": ramp}}), "late")
    late.train()
    shares = [line["weighted/latent_dynamics"] / line["terms/latent_dynamics"] for line in lines(late)]
    assert shares == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])


def test_same_seed_same_bits_and_a_seed_fixes_batches_and_masks_for_every_variant(tiny, start):
    a, b, other = start(tiny()), start(tiny(), "b"), start(tiny(objectives=LD), "ld")
    seeded = start(tiny(seed=1), "seed")
    initial = digest(a.model.state_dict())
    assert initial == digest(other.model.state_dict()) != digest(seeded.model.state_dict())
    pixels = a.batch_at(3)
    assert torch.equal(pixels, other.batch_at(3)) and not torch.equal(pixels, seeded.batch_at(3))
    (mine,), (theirs,) = a.masks_at(3, pixels), other.masks_at(3, pixels)
    assert torch.equal(mine.context_index, theirs.context_index)
    a.train()
    torch.manual_seed(123)  # nothing depends on the global stream
    b.train()
    assert weights(a) == weights(b) != weights(seeded)


def test_building_a_run_leaves_the_global_random_stream_alone(tiny, start):
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    start(tiny())
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(
    "changes",
    [
        {"optim": {"precision": "bf16"}},
        {"model": {"position": "sincos", "levels": 2}, "objectives": {"prediction": {}, "context": {}}},
        {"model": {"rope": "tiled", "modality_embedding": True}, "teacher": {"normalise": "position"}},
        {"masks": [{"blocks": 1, "scale": 0.5}, {"kind": "motion_guided", "blocks": 1, "scale": 0.5}]},
        {"data": {"flip": True, "crop_area": [0.5, 1.0]}, "model": {"rope_interpolate": 4}},
        {"model": {"size": "tiny", "levels": 4}, "optim": {"steps": 2}},
    ],
    ids=["bf16", "sincos", "tiled", "two masks", "augmented", "four levels"],
)
def test_forms_of_training(tiny, start, changes):
    run = start(tiny(**changes))
    summary = run.train()
    assert all(np.isfinite(line["loss"]) for line in lines(run))
    assert summary.verdict in ("healthy", "shrinking", "collapsed")
    measured = lines(run)[-1]
    assert 0 <= measured["time_share/student"] <= 1 <= measured["clip_rank/student"] and "alpha/student" in measured
    assert all(read_state(resolve(run.folder)).trained[role] for role in ("student", "teacher", "predictor"))


def test_images_train(tiny, clips, tmp_path):
    config = tiny(objectives={"prediction": {}, "static_appearance": {}}, model={"modality_embedding": True})
    run = Run(config, clips[:, :1], tmp_path / "images")
    run.train()
    assert lines(run)[0]["terms/static_appearance"] == 0 < lines(run)[0]["terms/prediction"]


class Broken(Objective):
    """Finite twice, then not."""

    def loss(self, step):
        self.calls = getattr(self, "calls", 0) + 1
        return step.views[0].context.mean() * (float("nan") if self.calls > 2 else 1.0)


def test_a_loss_that_is_not_finite_names_the_term(tiny, start, monkeypatch):
    monkeypatch.setitem(OBJECTIVES, "broken", Broken)
    run = start(tiny(objectives={"prediction": {}, "bad_one": {"name": "broken"}}))
    with pytest.raises(
        TrainingError, match=r"step 2: objective bad_one is nan \(prediction 0\.\d+\): a lower optim.lr"
    ):
        run.train()
    assert len(lines(run)) == 2


def test_a_gradient_that_is_not_finite_names_the_term_and_parameters(tiny, start):
    run = start(tiny())
    run.model.student.embed.weight.register_hook(lambda grad: grad * float("inf"))
    with pytest.raises(
        TrainingError, match=r"step 0: the gradient of prediction is not finite, first in student\.embed\.w"
    ):
        run.train()


def test_a_loss_that_reaches_nothing_is_an_error(tiny, start):
    run = start(tiny(objectives={"prediction": {"weight": 0.0}}))
    with pytest.raises(TrainingError, match=r"no term of the loss reaches any parameter \(terms: prediction"):
        run.train()


def test_a_folder_belongs_to_one_configuration_from_the_start(tiny, start):
    start(tiny())  # killed before its first checkpoint
    with pytest.raises(TrainingError, match=r"holds run [0-9a-f]{16} \(custom, seed 0\), not [0-9a-f]{16} .*seed 1"):
        start(tiny(seed=1))
    again = start(tiny(variant="another name", log={"monitor_every": 1}))
    again.train()
    (again.folder / "config.yaml").unlink()
    with pytest.raises(TrainingError, match="choose another folder"):
        start(tiny(optim={"lr": 0.1}))


def test_the_saved_configuration_carries_its_hash_and_runs_again(tiny, start):
    run = start(tiny(objectives=LD))
    text = (run.folder / "config.yaml").read_text()
    assert text.startswith(f"# content hash {run.config.content_hash()}\n")
    assert RunConfig.model_validate(read_yaml(run.folder / "config.yaml")) == run.config


def test_two_processes_do_not_train_in_one_folder(tiny, start):
    run = start(tiny())
    with (
        FileLock(run.folder / ".training.lock"),
        pytest.raises(TrainingError, match="another process is training here"),
    ):
        run.train()
    assert run.train().steps == 6


@pytest.mark.parametrize(("keep", "kept"), [("last", [6]), ("all", [2, 4, 6])])
def test_policies_last_and_all(tiny, start, keep, kept):
    run = start(tiny(checkpoint={"keep": keep}))
    run.train()
    names = sorted(path.name for path in (run.folder / "checkpoints").iterdir())
    assert names == [f"step-{step:06d}" for step in kept]
    assert resolve(run.folder).name == "step-000006"


def test_best_is_the_checkpoint_after_the_lowest_mean(tiny, start):
    """The learning rate is highest at the warm-up's end and falls: judged on it, the last checkpoint is best; judged on
    the momentum, which rises, the first one is."""
    falling = start(tiny(checkpoint={"keep": "best", "metric": "lr"}))
    falling.train()
    assert resolve(falling.folder).name == "step-000006"
    rising = start(tiny(checkpoint={"keep": "best", "metric": "momentum"}), "rising")
    rising.train()
    assert resolve(rising.folder).name == "step-000002"
    kept = sorted(path.name for path in (rising.folder / "checkpoints").iterdir())
    assert kept == ["step-000002", "step-000006"]
    # A kill between a checkpoint and its link: going on puts the link right.
    (rising.folder / "best").unlink()
    start(rising.config, "rising").train()
    assert resolve(rising.folder).name == "step-000002"


def test_best_on_a_metric_that_is_never_logged_is_refused_at_once(tiny, start):
    run = start(tiny(checkpoint={"keep": "best", "metric": "accuracy"}))
    with pytest.raises(TrainingError, match=r"checkpoint.metric 'accuracy' is never logged; known are step, loss, lr"):
        run.train()
    assert run.step == 1


def test_best_on_a_metric_that_is_logged_now_and_then(tiny, start):
    run = start(tiny(checkpoint={"keep": "best", "metric": "rank/student"}))
    run.train()
    means = [
        np.mean([line["rank/student"] for line in lines(run)[a : a + 2] if "rank/student" in line]) for a in (0, 2, 4)
    ]
    assert resolve(run.folder).name == f"step-{2 * int(np.argmin(means)) + 2:06d}"


def test_nothing_to_train_on_is_refused(tiny, clips, tmp_path):
    with pytest.raises(ConfigError, match="no clips"):
        Run(tiny(), clips[:0], tmp_path / "a")
    with pytest.raises(ConfigError, match=r"needs optim\.batch of 2 or more"):
        Run(tiny(teacher={"normalise": "position"}, optim={"batch": 1}), clips, tmp_path / "b")


def test_training_learns(tiny, start):
    """Against a fixed target, prediction gets better."""
    run = start(tiny(optim={"steps": 60, "batch": 8, "lr": 2e-3}, teacher={"momentum": [1.0, 1.0]}))
    run.train()
    losses = [line["loss"] for line in lines(run)]
    assert np.mean(losses[-10:]) < 0.95 * np.mean(losses[:10])
