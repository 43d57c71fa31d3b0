from __future__ import annotations

import io
import tarfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auxjepa.data.shards.headers import Blocks, Member, TarError, read_members

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=300)


def _read(data: bytes, block: int = 512) -> list[Member]:
    return list(read_members(Blocks(lambda start, stop: data[start:stop], len(data), block)))


def _tar(*made: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytearray:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for info, data in made:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return bytearray(out.getvalue())


def _file(name: str, data: bytes = b"abc") -> tuple[tarfile.TarInfo, bytes]:
    return tarfile.TarInfo(name), data


def _resum(data: bytearray, place: int = 0) -> None:
    """Put the right checksum into a header."""
    data[place + 148 : place + 156] = b" " * 8
    data[place + 148 : place + 156] = b"%06o\0 " % sum(data[place : place + 512])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(NAMES, st.binary(max_size=1500)), max_size=4),
    st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]),
    st.sampled_from([1, 512, 5000]),
)
def test_members_equal_those_of_tarfile(files: list[tuple[str, bytes]], form: int, block: int) -> None:
    data = bytes(_tar(*(_file(name, content) for name, content in files), form=form))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        expected = [(one.name, one.offset_data, one.size) for one in archive]
    members = _read(data, block)
    # tarfile takes slashes from the end of names; PAX keeps them as written.
    assert [(one.name.rstrip("/"), one.offset, one.bytes) for one in members] == [
        (name.rstrip("/"), offset, size) for name, offset, size in expected
    ]
    assert [data[one.offset :][: one.bytes] for one in members] == [content for _, content in files]


def test_the_prefix_of_ustar_belongs_to_the_name() -> None:
    name = "/".join(["folder"] * 20) + "/x.mp4"
    assert _read(bytes(_tar(_file(name), form=tarfile.USTAR_FORMAT)))[0].name == name


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_only_files_have_contents(form: int) -> None:
    kinds = {
        tarfile.SYMTYPE: "symbolic link",
        tarfile.LNKTYPE: "hard link",
        tarfile.DIRTYPE: "directory",
        tarfile.FIFOTYPE: "pipe",
        tarfile.CHRTYPE: "device",
    }
    made = []
    for number, kind in enumerate(kinds):
        info = tarfile.TarInfo(str(number))
        info.type, info.linkname = kind, "/etc/passwd"
        made.append((info, b""))
    members = _read(bytes(_tar(*made, _file("last"), form=form)))
    assert [one.kind for one in members] == [*kinds.values(), "file"]


def test_sparse_files_of_both_kinds_are_recognised() -> None:
    info = tarfile.TarInfo("hole")
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
    assert _read(bytes(_tar((info, b"abc"))))[0].kind == "sparse file"
    data = _tar(_file("old"), form=tarfile.GNU_FORMAT)
    data[156:157], data[482] = b"S", 1
    _resum(data)
    members = _read(bytes(data[:512]) + bytes(512) + bytes(data[512:]))  # one more block of the map
    assert (members[0].kind, members[0].offset, len(members)) == ("sparse file", 1024, 1)


def _flip(place: int) -> Callable[[bytearray], bytearray]:
    def change(data: bytearray) -> bytearray:
        data[place] ^= 1
        return data

    return change


def _size(field: bytes) -> Callable[[bytearray], bytearray]:
    def change(data: bytearray) -> bytearray:
        data[124:136] = field
        _resum(data)
        return data

    return change


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_flip(3), "no tar archive"),
        (_flip(1024), "header at byte 1,024 is damaged"),
        (lambda data: data[:700], "cut short: no end mark before byte 700"),
        (lambda data: data[:514], "cut short: 'a.mp4' would end at byte 515, the shard ends at 514"),
        (lambda data: data[:2048], "cut short: no end mark"),
        (lambda data: data[:0], "cut short"),
        (lambda data: data + data, "joined with cat"),
        (_size(b"\x80" + b"\xff" * 11), "would end at byte 309,485,009,821,345,068,724,781,567"),
        (_size(b"\xff" * 12), "no valid size"),
        (_size(b"12abc      \0"), "no valid size"),
        (lambda data: bytearray(b"\x1f\x8b") + bytes(600), "compressed \\(gzip\\)"),
        (lambda data: bytearray(b"<html>" * 200), "no tar archive"),
    ],
)
def test_every_damaged_header_is_an_error(change: Callable[[bytearray], bytearray], why: str) -> None:
    with pytest.raises(TarError, match=why):
        _read(bytes(change(_tar(_file("a.mp4"), _file("b.mp4")))))


@pytest.mark.parametrize(
    ("records", "why"),
    [
        (b"99 path=x\n", "is damaged"),
        (b"x path=x\n", "is damaged"),
        (b"0 path=x\n", "is damaged"),
        (b"8 path=\xff", "is damaged"),
        (b"11 size=-1\n", "no valid size"),
        (b"32 size=" + b"9" * 23 + b"\n", "no valid size"),
    ],
)
def test_extended_headers_that_make_no_sense_are_an_error(records: bytes, why: str) -> None:
    data = _tar(_file("PaxHeaders/x", records), _file("x.mp4"))
    data[156:157] = b"x"
    _resum(data)
    with pytest.raises(TarError, match=why):
        _read(bytes(data))


def test_an_extended_header_of_gigabytes_is_not_read() -> None:
    data = _size(b"77777777777\0")(_tar(_file("x", b"")))
    data[156:157] = b"L"
    _resum(data)
    with pytest.raises(TarError, match="extended header at byte 0 has 8,589,934,591 bytes"):
        _read(bytes(data))


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_damage_anywhere_in_the_headers_is_noticed(draw: st.DataObject) -> None:
    data = _tar(_file("a.mp4"), _file("b.mp4"))
    place = draw.draw(st.one_of(st.integers(0, 511), st.integers(1024, 1535)))
    data[place] ^= draw.draw(st.integers(1, 255))
    try:
        members = [one.name for one in _read(bytes(data))]
    except TarError:
        return
    # The checksum's own padding may differ; nothing else may.
    assert members == ["a.mp4", "b.mp4"] and place % 1024 in range(148, 156)


def test_sums_of_signed_bytes_hold_too() -> None:
    data = _tar(_file("ä.mp4"), form=tarfile.GNU_FORMAT)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(byte - 256 if byte > 127 else byte for byte in data[:512])
    assert _read(bytes(data))[0].name == "ä.mp4"
