"""Render clips of moving bodies with MuJoCo: ``MUJOCO_GL=osmesa python -m docs.worlds.mujoco_bodies --out FOLDER``.

The models are Gymnasium's. Each clip is 16 frames at 25 frames a second. The labels are described in README.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from docs.worlds.clip_folder import Row, arguments, deal, generator, terciles, write_clip, write_folder

FRAMES, RATE = 16, 25
NEEDS = "set MUJOCO_GL=osmesa and install Debian's libosmesa6"
PER_EPISODE = 3
PAUSE = 5
"""Frames between two clips of an episode."""
STILL = 2.5
"""Smallest displacement with a direction, in 64ths of the picture's width."""
DOMINANCE = 1.2
"""Smallest ratio of the larger to the smaller component of a displacement with a direction."""
STRAIGHT = 0.5
"""Smallest ratio of the displacement to the length of the path, for a direction."""


@dataclass(frozen=True)
class Body:
    """A model and its view.

    Args:
        file: name in Gymnasium's folder of models.
        point: name of the body that labels describe.
        pushed: velocities that are set at random at the start of a clip (numbers of degrees of freedom).
        push: largest of these velocities, m/s or rad/s.
        distance: distance of the camera, metres.
        elevation: angle of the camera above the horizontal, degrees (negative as in MuJoCo).
    """

    file: str
    point: str
    pushed: Sequence[int]
    push: float
    distance: float
    elevation: float


BODIES = {
    "half_cheetah": Body("half_cheetah.xml", "torso", (0, 1), 3.0, 2.6, -15),
    "hopper": Body("hopper.xml", "torso", (0, 1), 2.0, 2.8, -15),
    "walker2d": Body("walker2d_v5.xml", "torso", (0, 1), 2.0, 3.0, -15),
    "ant": Body("ant.xml", "torso", (0, 1, 2), 3.0, 4.0, -40),
    "swimmer": Body("swimmer.xml", "torso", (0, 1), 3.0, 3.6, -60),
    "humanoid": Body("humanoid.xml", "torso", (0, 1, 2), 2.0, 3.2, -15),
    "reacher": Body("reacher.xml", "fingertip", (0, 1), 3.0, 0.75, -65),
    "pendulum": Body("inverted_double_pendulum.xml", "pole2", (0, 1, 2), 2.0, 3.0, -10),
}
CAMERAS = {"left": (-30.0, 0.0), "front": (0.0, 0.0), "right": (30.0, 0.0), "high": (0.0, -20.0)}
"""Turn and further elevation of the camera by its name, degrees."""
LIGHTS = {"bright": (0.55, 0.6), "dim": (0.25, 0.3), "warm": (0.45, 0.5), "cold": (0.45, 0.5)}
"""Ambient and diffuse brightness of the headlight by the light's name."""
TINTS = {"warm": (1.0, 0.75, 0.5), "cold": (0.5, 0.75, 1.0)}


def main() -> None:
    """Write the folder."""
    options = arguments(__doc__.splitlines()[0], clips=960)
    write_bodies(options.out, options.clips, options.seed, options.size)


def write_bodies(out: Path, clips: int, seed: int, size: int) -> None:
    """Write a folder of clips of moving bodies.

    Args:
        out: the folder; it must not exist.
        clips: number of clips.
        seed: seed of all random numbers.
        size: width and height, pixels.

    Raises:
        SystemExit: MuJoCo or Gymnasium isn't installed, or MuJoCo can't draw without a screen.
    """
    import_mujoco()
    counts = deal(clips, BODIES, PER_EPISODE)
    settings = {"world": "mujoco", "clips": clips, "seed": seed, "size": size}
    stages: dict[str, Stage] = {}

    def record(episode: str, folder: Path) -> list[Row]:
        name = episode.rpartition("_")[0]
        if name not in stages:
            for stage in stages.values():
                stage.renderer.close()
            stages.clear()
            stages[name] = Stage(name, size)
        return record_episode(stages[name], episode, counts[episode], seed, folder)

    write_folder(out, settings, list(counts), record, labelled)
    for stage in stages.values():
        stage.renderer.close()


@cache
def import_mujoco() -> Any:
    """Return the module ``mujoco``.

    Raises:
        SystemExit: it or Gymnasium isn't installed, or it can't draw without a screen.
    """
    try:
        import gymnasium  # noqa: F401
        import mujoco
    except ModuleNotFoundError as error:
        raise SystemExit(f"{error.name} is missing: pip install -e '.[worlds]'") from None
    except Exception as error:  # PyOpenGL finds no library, or MUJOCO_GL isn't a platform
        raise SystemExit(f"MuJoCo can't draw: {NEEDS} ({error})") from None
    mujoco.set_mju_user_warning(_warn)  # by default, MuJoCo writes a file MUJOCO_LOG.TXT
    try:
        mujoco.Renderer(mujoco.MjModel.from_xml_string("<mujoco/>"), 16, 16).close()
    except Exception as error:
        raise SystemExit(f"MuJoCo can't draw: {NEEDS} ({error})") from None
    return mujoco


def _warn(message: str) -> None:
    if "settotalmass" not in message:  # a word of Gymnasium's models that MuJoCo 4 still accepts
        sys.stderr.write(f"\n{message}\n")


class Stage:
    """A model with its state and a renderer.

    Args:
        name: key of ``BODIES``.
        size: width and height, pixels.
    """

    def __init__(self, name: str, size: int) -> None:
        import gymnasium

        mujoco = import_mujoco()
        self.name, self.body, self.size = name, BODIES[name], size
        assets = Path(gymnasium.__file__).parent / "envs" / "mujoco" / "assets"
        self.model = mujoco.MjModel.from_xml_path(str(assets / self.body.file))
        # The default shadows take four times as long to draw on a processor.
        self.model.vis.quality.shadowsize = 512
        self.data = mujoco.MjData(self.model)
        self.renderer = mujoco.Renderer(self.model, size, size)
        self.point = self.model.body(self.body.point).id
        self.steps = round(1 / RATE / self.model.opt.timestep)

    def reset(self, rng: np.random.Generator) -> None:
        """Return to the model's first pose, with small random changes."""
        mujoco = import_mujoco()
        mujoco.mj_resetData(self.model, self.data)
        changes = rng.uniform(-0.1, 0.1, self.model.nv)
        mujoco.mj_integratePos(self.model, self.data.qpos, changes, 1.0)
        if self.name == "reacher":
            self.data.qpos[0] = rng.uniform(-np.pi, np.pi)
            self.data.qpos[-2:] = rng.uniform(-0.15, 0.15, 2)
        mujoco.mj_forward(self.model, self.data)

    def advance(self, control: Control) -> None:
        """Simulate the time of one frame."""
        mujoco = import_mujoco()
        for _ in range(self.steps):
            self.data.ctrl[:] = control.at(self.data.time)
            mujoco.mj_step(self.model, self.data)


class Control:
    """Smooth random actions: a sum of three waves for each actuator.

    Args:
        stage: the model.
        rng: random numbers.
    """

    def __init__(self, stage: Stage, rng: np.random.Generator) -> None:
        shape = (3, stage.model.nu)
        self.low, self.high = stage.model.actuator_ctrlrange.T
        self.weight, self.phase = rng.uniform(0, 0.6, shape), rng.uniform(0, 2 * np.pi, shape)
        self.rate = rng.uniform(0.3, 2.0, shape)

    def at(self, time: float) -> np.ndarray:
        """Return the action at a time in seconds, one value an actuator."""
        wave = (self.weight * np.sin(2 * np.pi * self.rate * time + self.phase)).sum(axis=0)
        return self.low + (self.high - self.low) * (np.clip(wave, -1, 1) + 1) / 2


def record_episode(stage: Stage, episode: str, clips: int, seed: int, folder: Path) -> list[Row]:
    """Write the clips of one episode and return their rows.

    Args:
        stage: the model.
        episode: name of the episode.
        clips: number of clips.
        seed: seed of the folder.
        folder: the folder.
    """
    rng = generator(seed, episode)
    stage.reset(rng)
    control = Control(stage, rng)
    rows: list[Row] = []
    for clip in range(clips):
        pushed = list(stage.body.pushed)
        stage.data.qvel[pushed] = rng.uniform(-1, 1, len(pushed)) * stage.body.push
        poses, points = [], []
        for _ in range(FRAMES):
            poses.append(stage.data.qpos.copy())
            points.append(stage.data.xpos[stage.point].copy())
            stage.advance(control)
        camera, light = str(rng.choice(list(CAMERAS))), str(rng.choice(list(LIGHTS)))
        backward = bool(rng.integers(2))
        frames, places = draw(stage, poses, points, camera, light)
        path = np.array(points)
        if backward:
            frames, places = frames[::-1], places[::-1]
        name = f"{episode}_{clip}.mp4"
        write_clip(folder / name, frames, RATE)
        speed = float(np.linalg.norm(np.diff(path, axis=0), axis=1).mean() * RATE)
        rows.append(
            {
                "path": name,
                "body": stage.name,
                "direction": direction_of(places),
                "speed": speed,
                "reversed": "reversed" if backward else "forward",
                "camera": camera,
                "light": light,
                "group": episode,
            }
        )
        for _ in range(PAUSE):
            stage.advance(control)
    return rows


def draw(
    stage: Stage, poses: Sequence[np.ndarray], points: Sequence[np.ndarray], camera: str, light: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the frames, uint8 [frames size size 3], and the point's places in them: 64ths of the width, right and up.

    Args:
        stage: the model.
        poses: positions of the joints, one array a frame.
        points: positions of the labelled body in the world, one array a frame.
        camera: key of ``CAMERAS``.
        light: key of ``LIGHTS``.
    """
    mujoco = import_mujoco()
    turn, lift = CAMERAS[camera]
    view = mujoco.MjvCamera()
    view.distance, view.azimuth = stage.body.distance, 90 + turn
    view.elevation = max(-89.0, stage.body.elevation + lift)
    view.lookat[:] = np.mean(points, axis=0)  # the camera stands still in a clip
    light_of = stage.model.vis.headlight
    ambient, diffuse = LIGHTS[light]
    tint = np.array(TINTS.get(light, (1.0, 1.0, 1.0)))
    light_of.ambient[:], light_of.diffuse[:] = ambient * tint, diffuse * tint
    stage.model.light_diffuse[:] = 0.5 * tint
    state = mujoco.MjData(stage.model)
    frames, places = [], []
    for pose, point in zip(poses, points, strict=True):
        state.qpos[:] = pose
        mujoco.mj_forward(stage.model, state)
        stage.renderer.update_scene(state, view)
        frames.append(stage.renderer.render().copy())
        eyes = stage.renderer.scene.camera
        eye = (np.array(eyes[0].pos) + np.array(eyes[1].pos)) / 2
        forward, up = np.array(eyes[0].forward), np.array(eyes[0].up)
        ray = point - eye
        scale = 32 / np.tan(np.radians(stage.model.vis.global_.fovy) / 2) / (ray @ forward)
        places.append((scale * (ray @ np.cross(forward, up)), scale * (ray @ up)))
    return np.stack(frames), np.array(places)


def direction_of(places: np.ndarray) -> str:
    """Return ``left``, ``right``, ``up`` or ``down``; "" without a clear direction.

    Args:
        places: the point's place in each frame, to the right and up, 64ths of the picture's width, [frames 2].
    """
    right, up = (float(value) for value in places[-1] - places[0])
    length = float(np.linalg.norm(np.diff(places, axis=0), axis=1).sum())
    if np.hypot(right, up) < STRAIGHT * length:
        return ""
    larger, smaller = max(abs(right), abs(up)), min(abs(right), abs(up))
    if larger < STILL or larger < DOMINANCE * smaller:
        return ""
    if abs(right) > abs(up):
        return "right" if right > 0 else "left"
    return "up" if up > 0 else "down"


def labelled(rows: Sequence[Row]) -> list[dict[str, str]]:
    """Return the rows of ``labels.csv``: the speed is a third among the clips of the same body."""
    speeds = [float(row["speed"]) for row in rows]
    thirds = terciles(speeds, [str(row["body"]) for row in rows], ("slow", "medium", "fast"))
    columns = ("path", "body", "velocity", "direction", "reversed", "camera", "light", "group")
    return [
        {column: third if column == "velocity" else str(row[column]) for column in columns}
        for row, third in zip(rows, thirds, strict=True)
    ]


if __name__ == "__main__":
    main()
