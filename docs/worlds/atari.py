"""Write clips of Atari games under random and scripted play: ``python -m docs.worlds.atari --out FOLDER``.

The emulator and the games come with ale-py. Each clip is 16 frames, every third of 60 a second. README.md describes
the labels. The addresses in the games' memory that they are computed from were published with the AtariARI benchmark.

Source: Anand et al. 2019, Unsupervised State Representation Learning in Atari (arXiv 1906.08226),
https://github.com/mila-iqia/atari-representation-learning, atariari/benchmark/ram_annotations.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from docs.worlds.clip_folder import Row, arguments, deal, generator, terciles, write_clip, write_folder
from PIL import Image

FRAMES, SKIP, RATE = 16, 3, 20
PER_EPISODE = 10
TRIES = 6
"""Number of windows of which the first with a direction becomes a clip; without any, the last."""
STILL = 3.0
"""Smallest displacement with a direction, in pixels of the 160 x 210 screen."""
JUMP = 24.0
"""Largest movement from frame to frame, in pixels. An object that moves farther was placed elsewhere by the game."""
STRAIGHT = 0.7
"""Smallest ratio of the displacement to the length of the path, for a direction."""
MAJORITY = 0.5
"""Smallest share of the most frequent action, for an action label."""
HOLDS = {"random": (1, 4), "scripted": (8, 24)}
"""Shortest and longest time that an action is held, in frames of a clip, by the way of playing."""
ACTIONS = (
    "NOOP", "FIRE", "UP", "DOWN", "LEFT", "RIGHT", "UPRIGHT", "UPLEFT", "DOWNRIGHT", "DOWNLEFT",
)  # fmt: skip
SCREEN = (160, 210)
DIRECTIONS = ("right", "up_right", "up", "up_left", "left", "down_left", "down", "down_right")


@dataclass(frozen=True)
class Game:
    """A game and the object that labels describe.

    Args:
        thing: the object.
        x: address of its horizontal position, None if it never moves horizontally.
        y: address of its vertical position, None if it never moves vertically.
        down: pixels that the object moves down the screen when the value at ``y`` rises by one.
        start: frames of 60 a second until a new game is under way.
        absent: a position in which the object isn't on the screen, (x, y) with None for any value.
    """

    thing: str
    x: int | None
    y: int | None
    down: int = 1
    start: int = 60
    absent: tuple[int | None, int | None] | None = None


GAMES = {
    "pong": Game("ball", 49, 54, absent=(0, 0)),
    "breakout": Game("ball", 99, 101, absent=(None, 0)),
    "video_pinball": Game("ball", 67, 68),
    "boxing": Game("player", 32, 34),
    "freeway": Game("player", None, 14, down=-1),
    "ms_pacman": Game("player", 10, 16, start=270),
    "seaquest": Game("player", 70, 97),
    "yars_revenge": Game("player", 32, 31),
    "hero": Game("player", 27, 31, down=-1),
    "pitfall": Game("player", 97, 105),
    "frostbite": Game("player", 102, 100),
    "skiing": Game("player", 25, None),
}


def main() -> None:
    """Write the folder."""
    options = arguments(__doc__.splitlines()[0], clips=2400)
    write_atari(options.out, options.clips, options.seed, options.size)


def write_atari(out: Path, clips: int, seed: int, size: int) -> None:
    """Write a folder of clips of Atari games.

    Args:
        out: the folder; it must not exist.
        clips: number of clips.
        seed: seed of all random numbers.
        size: width and height, pixels.

    Raises:
        SystemExit: ale-py isn't installed.
    """
    import_ale()
    counts = deal(clips, GAMES, PER_EPISODE)
    settings = {"world": "atari", "clips": clips, "seed": seed, "size": size}

    def record(episode: str, folder: Path) -> list[Row]:
        return record_episode(episode, counts[episode], seed, size, folder)

    write_folder(out, settings, list(counts), record, labelled)


def import_ale() -> Any:
    """Return the module ``ale_py``, whose messages are switched off.

    Raises:
        SystemExit: it isn't installed.
    """
    try:
        import ale_py
    except ImportError:
        raise SystemExit("ale_py is missing: pip install -e '.[worlds]'") from None
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    return ale_py


@dataclass(frozen=True)
class Window:
    """Consecutive frames of a game.

    Args:
        frames: pixels, uint8 [frames 210 160 3].
        memory: the memory after each frame, uint8 [frames 128].
        actions: the action between each frame and the next.
    """

    frames: np.ndarray
    memory: np.ndarray
    actions: list[str]


class Emulator:
    """A game that is played at random.

    Args:
        name: key of ``GAMES``.
        rng: random numbers.
        policy: key of ``HOLDS``.
    """

    def __init__(self, name: str, rng: np.random.Generator, policy: str) -> None:
        ale_py = import_ale()
        self.rng, self.hold, self.game = rng, HOLDS[policy], GAMES[name]
        self.ale = ale_py.ALEInterface()
        self.ale.setInt("random_seed", int(rng.integers(2**31)))
        self.ale.setFloat("repeat_action_probability", 0.0)
        self.ale.loadROM(str(Path(ale_py.__file__).parent / "roms" / f"{name}.bin"))
        available = {action.name: action for action in self.ale.getMinimalActionSet()}
        self.actions = [available[action] for action in ACTIONS if action in available]
        self.action, self.left = self.actions[0], 0
        self.begin()

    def begin(self) -> None:
        """Start a new game and play on until it is under way."""
        self.ale.reset_game()
        for _ in range(self.game.start // SKIP + int(self.rng.integers(40))):
            self.advance()

    def advance(self) -> np.ndarray:
        """Play ``SKIP`` frames and return the brighter of the last two, because games draw objects in turns."""
        if not self.left:
            self.action = self.actions[int(self.rng.integers(len(self.actions)))]
            self.left = int(self.rng.integers(self.hold[0], self.hold[1] + 1))
        self.left -= 1
        for _ in range(SKIP - 1):
            self.ale.act(self.action)
        before = self.ale.getScreenRGB()
        self.ale.act(self.action)
        return np.maximum(before, self.ale.getScreenRGB())

    def window(self) -> Window | None:
        """Return the next frames; None if the game ends, and then a new game begins."""
        frames, memory, actions = [self.advance()], [self.ale.getRAM().copy()], []
        for _ in range(FRAMES - 1):
            frames.append(self.advance())
            memory.append(self.ale.getRAM().copy())
            actions.append(self.action.name)
            if self.ale.game_over():
                self.begin()
                return None
        return Window(np.stack(frames), np.stack(memory), actions)


def windows(episode: str, clips: int, seed: int) -> Iterator[tuple[Window, str]]:
    """Yield the windows that become the clips of an episode, and the way of playing.

    Args:
        episode: name of the episode, ``<game>_<number>``.
        clips: number of clips.
        seed: seed of the folder.
    """
    name = episode.rpartition("_")[0]
    rng = generator(seed, episode)
    policy = str(rng.choice(list(HOLDS)))
    emulator, game = Emulator(name, rng, policy), GAMES[name]
    for _ in range(clips):
        chosen = None
        tries = 0
        while tries < TRIES or chosen is None:
            window = emulator.window()
            tries += 1
            if window is not None:
                chosen = window
                if direction_of(places_of(game, window.memory)):
                    break
        yield chosen, policy


def record_episode(episode: str, clips: int, seed: int, size: int, folder: Path) -> list[Row]:
    """Write the clips of one episode and return their rows."""
    game = episode.rpartition("_")[0]
    rows: list[Row] = []
    for number, (window, policy) in enumerate(windows(episode, clips, seed)):
        name = f"{episode}_{number}.mp4"
        frames = [Image.fromarray(frame).resize((size, size), Image.Resampling.BOX) for frame in window.frames]
        write_clip(folder / name, np.stack([np.asarray(frame) for frame in frames]), RATE)
        places = places_of(GAMES[game], window.memory)
        row: Row = {"path": name, "game": game, "direction": direction_of(places)}
        row |= {"speed": speed_of(places), "action": action_of(window.actions), "play": policy, "group": episode}
        rows.append(row)
    return rows


def places_of(game: Game, memory: np.ndarray) -> np.ndarray | None:
    """Return the object's place in each frame, pixels to the right and up, [frames 2]; None if it is absent.

    Args:
        game: the game.
        memory: the memory after each frame, uint8 [frames 128].
    """
    zeros = np.zeros(len(memory))
    x = zeros if game.x is None else memory[:, game.x].astype(float)
    y = zeros if game.y is None else memory[:, game.y].astype(float)
    if game.absent is not None:
        matches = [position == value for position, value in zip((x, y), game.absent, strict=True) if value is not None]
        if np.logical_and.reduce(matches).any():
            return None
    return np.stack([x, -game.down * y], axis=1)


def direction_of(places: np.ndarray | None) -> str:
    """Return one of eight directions on the screen; "" if the object stands still, turns round or is placed elsewhere.

    Args:
        places: see :func:`places_of`.
    """
    if places is None:
        return ""
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    right, up = places[-1] - places[0]
    moved = float(np.hypot(right, up))
    if steps.max() > JUMP or moved < STILL or moved < STRAIGHT * steps.sum():
        return ""
    return DIRECTIONS[round(float(np.arctan2(up, right)) / (np.pi / 4)) % 8]


def speed_of(places: np.ndarray | None) -> float:
    """Return the object's mean speed, pixels a second; -1 without a direction."""
    if places is None or not direction_of(places):
        return -1.0
    return float(np.linalg.norm(np.diff(places, axis=0), axis=1).mean() * RATE)


def action_of(actions: Sequence[str]) -> str:
    """Return the most frequent action in small letters; "" if it isn't the action of half of the time."""
    action, count = Counter(actions).most_common(1)[0]
    return action.lower() if count >= MAJORITY * len(actions) else ""


def labelled(rows: Sequence[Row]) -> list[dict[str, str]]:
    """Return the rows of ``labels.csv``: the speed is a third among the clips of the same game."""
    speeds = [None if float(row["speed"]) < 0 else float(row["speed"]) for row in rows]
    thirds = terciles(speeds, [str(row["game"]) for row in rows], ("slow", "medium", "fast"))
    return [
        {
            column: third if column == "speed" else str(row[column])
            for column in ("path", "game", "direction", "speed", "action", "play", "group")
        }
        for row, third in zip(rows, thirds, strict=True)
    ]


if __name__ == "__main__":
    main()
