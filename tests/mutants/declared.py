"""Sound files that say something else about themselves: sizes, counts, dimensions, times."""

from __future__ import annotations

import struct
from collections.abc import Callable

Change = Callable[[bytes], bytes]
_HUGE = 0x7FFFFFF0


def _put(mark: bytes, offset: int, form: str, *values: int, last: bool = False) -> Change:
    """Write values ``offset`` bytes behind the end of ``mark``, its first or last place in the file."""

    def change(data: bytes) -> bytes:
        changed = bytearray(data)
        at = data.rfind(mark) if last else data.find(mark)
        assert at >= 0, mark
        struct.pack_into(form, changed, at + len(mark) + offset, *values)
        return bytes(changed)

    return change


def _all(*changes: Change) -> Change:
    def change(data: bytes) -> bytes:
        for one in changes:
            data = one(data)
        return data

    return change


def _bits(data: bytearray, at: int, value: int, width: int) -> None:
    for n in range(width):
        byte, bit = divmod(at + n, 8)
        on = value >> (width - 1 - n) & 1
        data[byte] = data[byte] & ~(128 >> bit) | (128 >> bit) * on


def _vp9(width: int, height: int) -> Change:
    """Dimensions in the header of every VP9 key frame (VP9 bitstream specification, 6.2)."""

    def change(data: bytes) -> bytes:
        changed, at = bytearray(data), data.find(b"\x49\x83\x42")
        while at >= 0:
            _bits(changed, 8 * (at + 3) + 4, width - 1, 16)
            _bits(changed, 8 * (at + 3) + 20, height - 1, 16)
            at = data.find(b"\x49\x83\x42", at + 1)
        return bytes(changed)

    return change


def _sps(width: int, height: int) -> Change:
    """A constrained baseline sequence header of these dimensions in place of the one of an mp4 or mkv file."""

    def golomb(value: int) -> str:
        code = f"{value + 1:b}"
        return "0" * (len(code) - 1) + code

    head = [golomb(n) for n in (0, 0, 2, 1)] + ["0"] + [golomb(n) for n in (width // 16 - 1, height // 16 - 1)]
    bits = "".join(head) + "1" + "1" + "0" + "0" + "1"
    bits += "0" * (-len(bits) % 8)
    made = bytes([0x67, 66, 0xC0, 62]) + int(bits, 2).to_bytes(len(bits) // 8, "big")

    def change(data: bytes) -> bytes:
        # Behind "01 profile compatibility level FF E1": the length and the header itself.
        at = next(n for n in range(len(data)) if data[n] == 1 and data[n + 4 : n + 6] == b"\xff\xe1") + 6
        length = int.from_bytes(data[at : at + 2], "big")
        assert len(made) <= length
        return data[: at + 2] + made.ljust(length, b"\0") + data[at + 2 + length :]

    return change


def _ebml(mark: bytes, value: int) -> Change:
    """The size of the first element with this identifier, in as many bytes as it has."""

    def change(data: bytes) -> bytes:
        at = data.index(mark) + len(mark)
        length = 9 - data[at].bit_length()
        size = (1 << 7 * length) | value & ((1 << 7 * length) - 1)
        return data[:at] + size.to_bytes(length, "big") + data[at + length :]

    return change


def _jpeg(width: int, height: int) -> Change:
    def change(data: bytes) -> bytes:
        changed, at = bytearray(data), data.find(b"\xff\xc0\x00\x11")
        while at >= 0:
            struct.pack_into(">HH", changed, at + 5, height, width)
            at = data.find(b"\xff\xc0\x00\x11", at + 1)
        return bytes(changed)

    return change


def _rows(old: bytes, new: bytes) -> Change:
    return lambda data: data.replace(old, new, 1)


def _samples(count: int) -> Change:
    """So many samples of one byte each, without the tables that FFmpeg would compare with."""
    tables = (
        _put(b"stsz", 4, ">II", 1, count),
        _put(b"stsc", 8, ">III", 1, count, 1),
        _put(b"stts", 4, ">III", 1, count, 512),
    )
    return _all(*tables, *(_rows(name, b"free") for name in (b"stss", b"ctts", b"edts")))


DECLARED: list[tuple[str, str, Change]] = [
    ("box_ftyp", "h264.mp4", lambda d: b"\x7f\xff\xff\xff" + d[4:]),
    ("box_mdat", "h264.mp4", _put(b"mdat", -8, ">I", _HUGE)),
    ("box_mdat_64", "h264.mp4", _put(b"free", -8, ">IIQ", 1, 0x6D646174, 1 << 62)),
    ("box_moov", "h264.mp4", _put(b"moov", -8, ">I", _HUGE)),
    ("box_moov_zero", "h264.mp4", _put(b"moov", -8, ">I", 0)),
    ("box_trak", "h264.mp4", _put(b"trak", -8, ">I", _HUGE)),
    ("box_stsz", "h264.mp4", _put(b"stsz", -8, ">I", _HUGE)),
    ("box_avcC", "h264.mp4", _put(b"avcC", -8, ">I", _HUGE)),
    ("stsz_count", "h264.mp4", _put(b"stsz", 8, ">I", _HUGE)),
    ("samples_30_million", "h264.mp4", _samples(30_000_000)),
    ("samples_billions", "h264.mp4", _samples(_HUGE)),
    ("sample_sizes", "h264.mp4", _put(b"stsz", 12, ">III", _HUGE, _HUGE, _HUGE)),
    ("stts_entries", "h264.mp4", _put(b"stts", 4, ">I", 0xFFFFFFFF)),
    ("stts_count", "h264.mp4", _put(b"stts", 8, ">I", 0xFFFFFFFF)),
    ("ctts_entries", "h264.mp4", _put(b"ctts", 4, ">I", 0xFFFFFFFF)),
    ("ctts_count", "h264.mp4", _put(b"ctts", 8, ">I", _HUGE)),
    ("stss_entries", "h264.mp4", _put(b"stss", 4, ">I", 0xFFFFFFFF)),
    ("stco_entries", "h264.mp4", _put(b"stco", 4, ">I", 0x0FFFFFFF)),
    ("stco_outside", "h264.mp4", _put(b"stco", 8, ">I", 0xFFFFFF00)),
    ("tkhd_sides", "h264.mp4", _put(b"tkhd", 76, ">II", 0xFFFF0000, 0xFFFF0000)),
    ("tkhd_matrix", "h264.mp4", _put(b"tkhd", 40, ">9I", *[0] * 9)),
    ("avc1_sides", "h264.mp4", _put(b"avc1", 24, ">HH", 65535, 65535, last=True)),
    ("sps_16384", "h264.mp4", _sps(16384, 16384)),
    ("sps_8192", "h264.mp4", _sps(8192, 8192)),
    ("sps_flat", "h264.mp4", _sps(16384, 16)),
    ("sps_16384", "h264.mkv", _sps(16384, 16384)),
    ("trun_20_million", "fragments.mp4", _put(b"trun", 0, ">II", 1, 20_000_000)),
    ("trun_all", "fragments.mp4", _put(b"trun", 4, ">I", 0xFFFFFFFF)),
    ("moof_box", "fragments.mp4", _put(b"moof", -8, ">I", _HUGE)),
    ("ebml_head", "vp9.webm", _ebml(b"\x1a\x45\xdf\xa3", -2)),
    ("ebml_segment", "vp9.webm", _ebml(b"\x18\x53\x80\x67", -2)),
    ("ebml_tracks", "vp9.webm", _ebml(b"\x16\x54\xae\x6b", -2)),
    ("ebml_cluster", "vp9.webm", _ebml(b"\x1f\x43\xb6\x75", -2)),
    ("ebml_block", "vp9.webm", _ebml(b"\xa3", -2)),
    ("ebml_sides", "vp9.webm", _rows(b"\xb0\x81\xb0\xba\x81\x90", b"\xb0\x84\xff\xff\xff\xff")),
    ("ebml_private", "h264.mkv", _ebml(b"\x63\xa2", -2)),
    ("vp9_65536", "vp9.webm", _vp9(65536, 65536)),
    ("vp9_16384", "vp9.webm", _vp9(16384, 16384)),
    ("vp9_flat", "vp9.webm", _vp9(65536, 1)),
    ("riff", "mpeg4.avi", _put(b"RIFF", 0, "<I", _HUGE)),
    ("avi_frames", "mpeg4.avi", _put(b"avih", 20, "<I", 0xFFFFFFFF)),
    ("avi_length", "mpeg4.avi", _put(b"strh", 36, "<I", 0xFFFFFFFF)),
    ("avi_sides", "mpeg4.avi", _put(b"strf", 8, "<II", 65000, 65000)),
    ("avi_movi", "mpeg4.avi", _put(b"movi", -8, "<I", _HUGE)),
    ("avi_index", "mpeg4.avi", _put(b"idx1", 0, "<I", _HUGE)),
    ("avi_chunk", "mpeg4.avi", _put(b"00dc", 0, "<I", _HUGE)),
    ("jpeg_65500", "mjpeg.avi", _jpeg(65500, 65500)),
    ("jpeg_16000", "mjpeg.avi", _jpeg(16000, 16000)),
    ("jpeg_head_and_all", "mjpeg.avi", _all(_jpeg(30000, 30000), _put(b"strf", 8, "<II", 30000, 30000))),
    ("gif_sides", "turns.gif", lambda d: d[:6] + b"\xff\xff\xff\xff" + d[10:]),
    ("gif_20000", "turns.gif", lambda d: d[:6] + struct.pack("<HH", 20000, 20000) + d[10:]),
    ("y4m_sides", "raw.y4m", _rows(b"W176 H144", b"W99999 H99999")),
    ("y4m_16000", "raw.y4m", _rows(b"W176 H144", b"W16000 H16000")),
    ("flv_tag", "h263.flv", _put(b"FLV\x01", 10, ">I", 0x09FFFFFF)),
]

TIMES: list[tuple[str, str, Change]] = [
    ("duration", "h264.mp4", _put(b"mvhd", 16, ">I", 0xFFFFFFFF)),
    ("scale_1", "h264.mp4", _put(b"mdhd", 12, ">II", 1, 0xFFFFFFFF)),
    ("scale_0", "h264.mp4", _put(b"mdhd", 12, ">I", 0)),
    ("scale_huge", "h264.mp4", _put(b"mdhd", 12, ">I", 0xFFFFFFFF)),
    ("steps_of_years", "h264.mp4", _all(_put(b"stts", 12, ">I", _HUGE), _put(b"mdhd", 12, ">I", 1))),
    ("steps_negative", "h264.mp4", _put(b"stts", 12, ">i", -512)),
    ("steps_zero", "h264.mp4", _put(b"stts", 12, ">I", 0)),
    ("offsets_jump", "h264.mp4", _put(b"ctts", 12, ">i", 0x7FFFFFFF)),
    ("offsets_back", "h264.mp4", _put(b"ctts", 12, ">i", -0x7FFFFFFF)),
    ("edit_list", "h264.mp4", _put(b"elst", 8, ">Ii", 0xFFFFFFFF, 0x7FFFFFFF)),
    ("edit_many", "h264.mp4", _put(b"elst", 4, ">I", 0xFFFFFFFF)),
    ("cluster_time", "vp9.webm", _put(b"\xe7\x81\x00\xa3", 3, ">h", 0x7FFF)),
    ("time_scale", "vp9.webm", _put(b"\x2a\xd7\xb1\x83", 0, "BBB", 0xFF, 0xFF, 0xFF)),
    ("time_scale_0", "vp9.webm", _put(b"\x2a\xd7\xb1\x83", 0, "BBB", 0, 0, 0)),
    ("rate_0", "mpeg4.avi", _put(b"strh", 24, "<II", 0, 0)),
    ("rate_huge", "mpeg4.avi", _put(b"strh", 24, "<II", 1, 0xFFFFFFFF)),
    ("rate_slow", "mpeg4.avi", _put(b"strh", 24, "<II", 0x7FFFFFFF, 1)),
]
