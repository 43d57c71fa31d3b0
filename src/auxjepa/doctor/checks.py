"""All checks in their order. A module that may be broken on this machine is imported only when a check runs."""

from __future__ import annotations

from auxjepa.doctor import devices, disk, media, memory, plugins, sets, software, training
from auxjepa.doctor.check import Probe

_REPORT = "this check itself failed: report it with the output of auxjepa doctor --json"
_TORCH = "install torch again as in docs/dependencies.md; this installation can't be used"
_AV = "pip install --force-reinstall --only-binary av av, whose wheels contain FFmpeg"
_DISK = "the disk doesn't answer: check that it is mounted, or set another data root with --store"

PROBES = (
    Probe("python", software.python, _REPORT),
    Probe("torch", software.torch, _TORCH, seconds=60.0),
    Probe("cpu", software.cpu, _TORCH),
    Probe("threads", software.threads, _TORCH),
    Probe("devices", devices.devices, "update the GPU's driver; CUDA_VISIBLE_DEVICES= hides GPUs", seconds=30.0),
    Probe("rate", devices.rates, _TORCH, seconds=30.0, measures=True),
    Probe("ffmpeg", media.ffmpeg, _AV),
    Probe("decoders", media.decoders, _AV),
    Probe("codecs", media.codecs, _AV, seconds=20.0, measures=True),
    Probe("pictures", media.pictures, "pip install --force-reinstall pillow"),
    Probe("memory", memory.memory, _REPORT),
    Probe("shared memory", memory.shared_memory, _REPORT),
    Probe("open files", memory.open_files, _REPORT),
    Probe("disk", disk.disk, _DISK, seconds=20.0),
    Probe("data sets", sets.data_sets, _DISK),
    Probe("caches", sets.caches, _DISK, seconds=20.0),
    Probe("plug-ins", plugins.plugins, "uninstall the plug-in that was tried last", seconds=60.0),
    Probe("training", training.training, "fix the failures above first, then report this", 60.0, True),
)
