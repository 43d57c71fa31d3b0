"""`auxjepa variants` and `auxjepa variants diff`."""

from __future__ import annotations

import json

import pytest

from auxjepa.cli import main
from auxjepa.cli.variants import differences
from auxjepa.variants import VARIANTS, find


def printed(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(["variants", *argv]) == 0
    return capsys.readouterr().out


def test_every_variant_is_listed_with_its_terms_masks_and_teacher(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys)
    first_words = [line.split()[0] for line in text.splitlines() if line and not line.startswith(" ")]
    assert first_words == ["variant", *VARIANTS]
    assert "static_appearance 0.05: subspaces (ratio 0.5, split concatenated)" in text
    assert "motion_guided: strength 5, random_rate 0, normalise batch" in text
    assert "weight x 1 to x 0 (cosine, 0 to 1 of training)" in text  # kinematic_anneal
    assert "\x1b" not in text


def test_a_list_can_be_narrowed_and_read_by_machines(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [json.loads(line) for line in printed(capsys, "--match", "hw_ld", "--json-lines").splitlines()]
    assert [line["name"] for line in lines] == ["hw_ld", "hw_ld_released", "fwm_hw_ld", "fwm_hw_ld_released"]
    assert main(["variants", "--match", "zebra"]) == 2
    assert "no variant's name contains 'zebra'" in capsys.readouterr().err


def test_diff_names_every_field_that_differs(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "diff", "fwm_hw_ld", "fwm_hw_ld_released").splitlines()
    split = [f"objectives.{term}.args.subspaces.split" for term in ("static_appearance", "cross_covariance")]
    split += ["objectives.latent_dynamics.args.subspaces.split"]
    assert [line.split()[0] for line in lines] == [*split, "objectives.latent_dynamics.args.hard_region.detach"]
    assert lines[0].endswith("per_level -> concatenated") and lines[3].endswith("absent -> true")


def test_diff_of_terms_masks_and_teacher() -> None:
    assert differences(find("baseline"), find("hw")) == [("objectives.hard_region", "absent", "hard_region 0.3")]
    assert differences(find("hw"), find("hw_ld"))[0] == ("objectives.hard_region.weight", "0.3", "1")
    ((field, old, new),) = differences(find("baseline"), find("mgm"))
    assert (field, old) == ("masks", "as the run's") and new.startswith("motion_guided: strength 2")
    told = {field: (old, new) for field, old, new in differences(find("kinematic"), find("kinematic_released"))}
    assert told["teacher"] == ("as the run's", "(enabled false)")
    assert told["evaluates"] == ("as the run's", "teacher") and told["objectives.kinematic.args.on"][1] == "target"


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_does_not_differ_from_itself_and_released_ones_differ(name: str) -> None:
    assert differences(find(name), find(name)) == []
    if f"{name}_released" in VARIANTS:
        assert differences(find(name), find(f"{name}_released"))


def test_same_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "differ in name and description alone" in printed(capsys, "diff", "ld", "ld")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["diff", "basline", "ld"], "did you mean 'baseline'"),
        (["diff", "baseline"], "second is required"),
        (["dif", "a", "b"], "did you mean 'diff'"),
    ],
)
def test_wrong_usage_is_one_line(capsys: pytest.CaptureFixture[str], argv: list[str], said: str) -> None:
    assert main(["variants", *argv]) in (1, 2)
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
