from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.data.shards.urls import expand, label_shards, redact_url


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("s3://b/{000..002}.tar", ["s3://b/000.tar", "s3://b/001.tar", "s3://b/002.tar"]),
        ("S3://b/A.tar", ["s3://b/A.tar"]),
        ("s3://b/{9..11}.tar", ["s3://b/9.tar", "s3://b/10.tar", "s3://b/11.tar"]),
        ("s3://b/{08..10..2}.tar", ["s3://b/08.tar", "s3://b/10.tar"]),
        ("s3://b/{3..1}.tar", ["s3://b/3.tar", "s3://b/2.tar", "s3://b/1.tar"]),
        ("s3://b/{a,b{1..2}}.tar", ["s3://b/a.tar", "s3://b/b1.tar", "s3://b/b2.tar"]),
        ("s3://b/{a,b}{1,2}", ["s3://b/a1", "s3://b/a2", "s3://b/b1", "s3://b/b2"]),
        ("http://h/{x}.tar", ["http://h/{x}.tar"]),
        ("http://h/a.tar::s3://b/{1,2}.tar", ["http://h/a.tar", "s3://b/1.tar", "s3://b/2.tar"]),
    ],
)
def test_braces_expand_as_in_a_shell(written: str, meant: list[str]) -> None:
    assert expand(written) == meant


def test_paths_are_absolute_and_a_folder_gives_its_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b.tar", "a.tar", "notes.txt"):
        (tmp_path / name).touch()
    both = [str(tmp_path / "a.tar"), str(tmp_path / "b.tar")]
    assert expand("{a,b}.tar") == both == expand(".") == expand(["a.tar", "b.tar"]) == expand(f"file://{tmp_path}")


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("{0..9", "isn't closed|not closed"),
        ("s3://b/{0..99999999}.tar", "more than 1,000,000"),
        ("s3://b/{0..9999}{0..9999}.tar", "more than 1,000,000"),
        ("s3://b/{a,a}.tar", "named twice: s3://b/a.tar"),
        ("pipe://cat x.tar", "not from pipe://"),
        ("", "no shard"),
    ],
)
def test_wrong_notations_are_refused(written: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        expand(written)


def test_labels_are_short_and_have_no_secrets() -> None:
    assert label_shards(["s3://b/x/1.tar", "s3://b/x/2.tar"]) == ["1.tar", "2.tar"]
    assert label_shards(["s3://b/x/1.tar", "s3://b/y/1.tar"]) == ["x/1.tar", "y/1.tar"]
    assert label_shards(["http://h/get?1", "http://h/get?2"]) == ["000000-get", "000001-get"]
    assert redact_url("https://me:secret@h/a.tar?X-Amz-Signature=secret") == "https://h/a.tar"


def test_the_colons_of_an_ip_address_separate_nothing() -> None:
    assert expand("http://[::1]:80/a.tar::http://[fe80::1]/b.tar") == [
        "http://[::1]:80/a.tar",
        "http://[fe80::1]/b.tar",
    ]
    assert expand("http://h/a.tar::http://h/b.tar") == ["http://h/a.tar", "http://h/b.tar"]


def test_links_to_one_shard_are_refused_and_hidden_files_are_ignored(tmp_path: Path) -> None:
    for name in ("0.tar", "._0.tar"):
        (tmp_path / name).touch()
    assert expand(str(tmp_path)) == [str(tmp_path / "0.tar")]
    (tmp_path / "1.tar").symlink_to("0.tar")
    with pytest.raises(ValueError, match=r"a shard is named twice: .*1\.tar, also as .*0\.tar"):
        expand(str(tmp_path))
