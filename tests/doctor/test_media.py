from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auxjepa.data.cache import jpeg
from auxjepa.doctor import Settings, media


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, tmp_path)


def test_this_machine_reads_and_writes_everything(settings: Settings) -> None:
    (ffmpeg,) = media.ffmpeg(settings)
    assert ffmpeg.state == "ok" and "libavcodec" in ffmpeg.values["libraries"]
    (decoders,) = media.decoders(settings)
    assert decoders.state == "ok" and decoders.values["decoders"]["h264"] == "h264"
    (codecs,) = media.codecs(settings)
    assert codecs.state == "ok" and codecs.values["codecs"]["libx264"]["state"] == "ok", codecs
    assert codecs.values["codecs"]["libx264"]["difference"] < media.CLOSE
    (pictures,) = media.pictures(settings)
    assert pictures.state != "fail" and pictures.values["difference"] < 2


def test_the_clip_moves_more_than_a_codec_may_err() -> None:
    clip = media.moving_bar().astype(float)
    assert clip.shape == (media.FRAMES, media.SIDE, media.SIDE)
    assert all(np.abs(clip[n] - clip[n + 1]).mean() > media.CLOSE for n in range(media.FRAMES - 1))


def test_a_decoder_that_is_missing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    real = media.has_codec
    monkeypatch.setattr(
        media, "has_codec", lambda name, way: name not in ("libdav1d", "libaom-av1") and real(name, way)
    )
    (check,) = media.decoders(settings)
    assert check.state == "warn" and check.found.startswith("no av1; there are h264") and "av1: " in str(check.advice)
    monkeypatch.setattr(media, "has_codec", lambda name, way: name != "h264" and real(name, way))
    (check,) = media.decoders(settings)
    assert check.state == "fail" and "pip install" in str(check.advice)
    assert not real("no_such_codec", "r") and not real("libdav1d", "w")


def test_an_encoder_that_is_missing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    real = media.has_codec
    monkeypatch.setattr(media, "has_codec", lambda name, way: name in ("mpeg4", "mjpeg") and real(name, way))
    (check,) = media.codecs(settings)
    assert check.state == "fail" and "without libx264" in str(check.advice)
    assert check.values["codecs"]["mpeg4"]["state"] == "ok" and "not available: libx264" in check.found
    monkeypatch.setattr(media, "has_codec", lambda name, way: name in ("libx264", "mjpeg") and real(name, way))
    (check,) = media.codecs(settings)
    assert check.state == "ok" and check.advice is None


def test_a_codec_that_is_there_and_broken(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    real = media.round_trip
    monkeypatch.setattr(media, "ENCODERS", {name: media.ENCODERS[name] for name in ("libx264", "mpeg4", "mjpeg")})
    monkeypatch.setitem(media.ENCODERS, "mpeg4", ("avi", "no_such_format", {}))
    monkeypatch.setattr(media, "round_trip", lambda name: 99.0 if name == "mjpeg" else real(name))
    (check,) = media.codecs(settings)
    assert check.state == "warn" and "mjpeg: pictures differ by 99.0" in check.found
    assert check.values["codecs"]["mpeg4"]["state"] == "broken" and "; mpeg4: ValueError" in check.found
    monkeypatch.setattr(media, "round_trip", lambda name: 99.0)
    (check,) = media.codecs(settings)
    assert check.state == "fail"


def test_jpeg_that_comes_back_as_something_else(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jpeg, "decode", lambda stored, out: np.zeros_like(out))
    (check,) = media.pictures(settings)
    assert check.state == "fail" and "pillow" in str(check.advice)
