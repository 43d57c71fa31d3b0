from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.data.shards import index as module
from auxjepa.data.shards.index import ShardIndex, build_index, index_file, load_index, open_index
from auxjepa.data.shards.storage import inspect_shard

Make = Callable[..., Path]


def _index(path: Path) -> ShardIndex:
    return build_index(inspect_shard(str(path), path.name))


def test_samples_are_consecutive_members_of_one_key(tmp_path: Path, make_tar: Make) -> None:
    files = [
        ("./d/a.b.mp4", b"first"),
        ("./d/a.CLS", b" 3\n"),
        ("./d/b.txt", "Größe".encode()),
        ("./d/b.jpg", b"a picture of the video"),
        ("./d/b.mp4", b"second"),
        (".hidden.mp4", b"no sample"),
        ("README", b"no sample"),
        ("__notes__/x.__y__", b"no sample"),
        ("e/a.json", b'{"action": "fall"}'),
        ("e/a.webm", b"third"),
    ]
    index = _index(make_tar(tmp_path / "s.tar", files))
    assert list(index.names) == ["d/a.b.mp4", "d/b.mp4", "e/a.webm"]
    data = (tmp_path / "s.tar").read_bytes()
    read = [data[o : o + n] for o, n in zip(index.offset.tolist(), index.bytes.tolist(), strict=True)]
    assert read == [b"first", b"second", b"third"]
    assert {kind: list(column) for kind, column in index.texts.items()} == {
        "cls": ["3", "", ""],
        "txt": ["", "Größe", ""],
        "json": ["", "", '{"action": "fall"}'],
    }
    assert index.defects == []
    assert index.unread == {
        "next to the video or picture of a sample (.jpg)": (1, "d/b.jpg"),
        "hidden (the name begins with a dot)": (1, ".hidden.mp4"),
        "not of a sample by its name": (2, "README"),
    }
    assert [index.row(name) for name in (*index.names, "e/a.json")] == [0, 1, 2, -1]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../x.mp4", "steps up"),
        ("a/../../x.mp4", "steps up"),
        ("/etc/x.mp4", "absolute"),
        ("a\\..\\x.mp4", "steps up"),
        ("n" * 5000 + ".mp4", "5,004 characters"),
    ],
)
def test_names_that_lead_out_are_left_out(tmp_path: Path, make_tar: Make, name: str, why: str) -> None:
    index = _index(make_tar(tmp_path / "s.tar", [("a.mp4", b"1"), (name, b"2"), ("b.mp4", b"3")]))
    assert list(index.names) == ["a.mp4", "b.mp4"]
    assert [(member, why in reason) for member, reason in index.defects] == [(name[:4096], True)]


def test_a_nul_in_a_name_is_left_out(tmp_path: Path, make_tar: Make) -> None:
    path = make_tar(tmp_path / "s.tar", [("a.mp4", b"1"), ("ä" * 150 + "XY.mp4", b"2")])
    path.write_bytes(path.read_bytes().replace(b"XY.mp4", b"\0Y.mp4"))
    index = _index(path)
    assert list(index.names) == ["a.mp4"] and "NUL" in index.defects[0][1]


def test_links_and_sparse_files_are_left_out_by_name(tmp_path: Path) -> None:
    path = tmp_path / "s.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind in (("l.mp4", tarfile.SYMTYPE), ("h.mp4", tarfile.LNKTYPE), ("f.mp4", tarfile.FIFOTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("s.mp4")
        info.pax_headers = {"GNU.sparse.map": "0,1"}
        archive.addfile(info)
    index = _index(path)
    assert len(index) == 0
    assert [(name, why.split(":")[0]) for name, why in index.defects] == [
        ("l.mp4", "is a symbolic link"),
        ("h.mp4", "is a hard link"),
        ("f.mp4", "is a pipe"),
        ("s.mp4", "is a sparse file"),
    ]


def test_each_unusual_sample_gives_one_line(tmp_path: Path, make_tar: Make) -> None:
    files = [
        ("a.mp4", b"1"),
        ("a.mp4", b"again"),
        ("b.cls", b"3"),
        ("b.wav", b""),
        ("a.cls", b"torn apart"),
        ("c.mp4", b"2"),
        ("c.txt", b"\xff\xfe"),
        ("d.mp4", b"3"),
        ("d.json", b"[1]"),
        ("e.mp4", b"4"),
        ("e.json", b"[" * 100_000),
        ("f.mp4", b"5"),
        ("f.cls", b"x" * (2 << 20)),
    ]
    index = _index(make_tar(tmp_path / "s.tar", files))
    assert list(index.names) == ["a.mp4", "c.mp4", "d.mp4", "e.mp4", "f.mp4"] and not any(index.texts["cls"])
    assert dict(index.defects) == {
        "a.mp4": "the sample has a member of this name already; the first one is used",
        "a.cls": "an earlier sample of this shard has its key: members of a sample must be consecutive",
        "b": "no video or picture among its members (cls, wav)",
        "c.txt": "isn't UTF-8; its sample is used without it",
        "d.json": "isn't a JSON object; its sample is used without it",
        "e.json": "isn't JSON; its sample is used without it",
        "f.cls": "2,097,152 bytes are too many for a cls; its sample is used without it",
    }


@pytest.mark.parametrize("kept", [513, 1100, 1536, 1600, 2300, 3072])
def test_only_complete_samples_of_a_cut_shard_are_used(tmp_path: Path, make_tar: Make, kept: int) -> None:
    path = make_tar(tmp_path / "s.tar", [("a.mp4", b"1"), ("a.cls", b"2"), ("b.mp4", b"3"), ("b.cls", b"4")])
    path.write_bytes(path.read_bytes()[:kept])
    index = _index(path)
    # The next sample's header is what tells that a sample is complete.
    assert list(index.names) == (["a.mp4"] if kept >= 2561 else [])
    assert len(index.defects) == 1 and "cut short" in index.defects[0][1] and "lost" in index.defects[0][1]


def test_a_shard_is_indexed_once_until_it_changes(
    tmp_path: Path, make_tar: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built: list[str] = []
    monkeypatch.setattr(module, "build_index", lambda shard: built.append(shard.label) or build_index(shard))
    path, root = make_tar(tmp_path / "s.tar", [("a.mp4", b"1")]), tmp_path / "root"
    for _ in range(2):
        _, index = open_index(inspect_shard(str(path), "s.tar"), root)
    assert built == ["s.tar"] and list(index.names) == ["a.mp4"] and capsys.readouterr().err == ""
    make_tar(path, [("b.mp4", b"11"), ("c.mp4", b"1")])
    _, index = open_index(inspect_shard(str(path), "s.tar"), root)
    assert (
        list(index.names) == ["b.mp4", "c.mp4"] and "it has changed, so it is indexed again" in capsys.readouterr().err
    )
    file = index_file(inspect_shard(str(path), "s.tar"), root)
    content = file.read_bytes()
    for damaged in (b"", content[:-100], content.replace(b"b.mp4", b"x.mp4", 1), b"\x93NUMPY"):
        assert damaged != content
        file.write_bytes(damaged)
        assert load_index(file) is None
        _, index = open_index(inspect_shard(str(path), "s.tar"), root)
        assert list(index.names) == ["b.mp4", "c.mp4"] and "its index is damaged" in capsys.readouterr().err
        assert file.read_bytes() == content
