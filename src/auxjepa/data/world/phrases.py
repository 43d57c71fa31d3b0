"""Synonyms and sentence patterns for the world's factors, in three sets without common members.

This is data for :mod:`auxjepa.data.world.captions`. Each value of a factor has synonyms for training, validation and
test. No synonym belongs to two values or two sets. Patterns fit every synonym: ``{look}`` is a noun phrase with its
article; ``{way}``, ``{speed}`` and ``{turn}`` follow a verb of motion; ``{first}``, ``{middle}`` and ``{last}`` are
clauses.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Phrasing = Literal["train", "validation", "test"]
PHRASINGS: tuple[Phrasing, ...] = ("train", "validation", "test")


class Phrases(NamedTuple):
    """Phrases with one meaning, by set.

    Args:
        train: phrases for training captions.
        validation: phrases for validation captions.
        test: phrases for test captions.
    """

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]


SHAPE_WORDS: dict[str, Phrases] = {
    "triangle": Phrases(("triangle", "three-sided shape", "wedge"), ("three-cornered figure",), ("triangular figure",)),
    "square": Phrases(("square", "square block", "square tile"), ("box",), ("square-shaped figure", "cube face")),
    "cross": Phrases(
        ("cross", "plus sign", "cross mark"), ("plus-shaped figure",), ("cross-shaped figure", "big plus")
    ),
    "crescent": Phrases(
        ("crescent", "sickle", "crescent moon"), ("new moon",), ("crescent-shaped figure", "moon sickle")
    ),
    "bar": Phrases(("bar", "rod", "elongated rectangle"), ("stick",), ("bar-shaped figure", "oblong")),
    "disc": Phrases(("disc", "circle", "round plate"), ("filled circle",), ("disc-shaped figure", "round blob")),
    "ring": Phrases(("ring", "hoop", "hollow circle"), ("annulus",), ("ring-shaped figure", "doughnut")),
    "star": Phrases(("star", "five-pointed star", "starlet"), ("starfish shape",), ("star-shaped figure", "pentagram")),
    "tee": Phrases(("tee", "letter T", "capital T"), ("T sign",), ("T-shaped figure", "T-junction")),
    "half-disc": Phrases(("half-disc", "semicircle", "half circle"), ("dome",), ("half-round figure", "half-moon")),
}
TEXTURE_WORDS: dict[str, Phrases] = {
    "plain": Phrases(("plain", "uniform", "solid"), ("smooth",), ("unpatterned", "blank")),
    "stripes": Phrases(("striped", "banded", "stripy"), ("stripe-patterned",), ("streaky", "zebra-striped")),
    "checks": Phrases(("checked", "chequered", "checkerboard"), ("check-patterned",), ("checkered", "chessboard")),
    "shade": Phrases(("shaded", "gradient", "fading"), ("gradient-filled",), ("half-shadowed", "light-to-dark")),
    "dots": Phrases(("dotted", "spotted", "polka-dot"), ("dot-patterned",), ("speckled", "spotty")),
    "rings": Phrases(("ringed", "bullseye", "concentric"), ("ring-patterned",), ("target-patterned", "tree-ringed")),
    "spokes": Phrases(("spoked", "radial", "pinwheel"), ("spoke-patterned",), ("sunburst", "wheel-patterned")),
    "waves": Phrases(("wavy", "rippled", "undulating"), ("wave-patterned",), ("ripply", "wave-lined")),
}
WAY_WORDS: dict[str, Phrases] = {
    "right": Phrases(
        ("to the right", "rightwards", "towards the right edge", "straight right"),
        ("in the direction of the right side",),
        ("off to the right-hand side", "in a rightward direction"),
    ),
    "down-right": Phrases(
        (
            "down and to the right",
            "towards the lower right",
            "towards the bottom right corner",
            "diagonally down-right",
        ),
        ("in the direction of the right bottom corner",),
        ("off to the lower right-hand corner", "in a downward and rightward direction"),
    ),
    "down": Phrases(
        ("down", "downwards", "towards the bottom edge", "straight down"),
        ("in the direction of the bottom",),
        ("down to the lower side", "in a downward direction"),
    ),
    "down-left": Phrases(
        ("down and to the left", "towards the lower left", "towards the bottom left corner", "diagonally down-left"),
        ("in the direction of the left bottom corner",),
        ("off to the lower left-hand corner", "in a downward and leftward direction"),
    ),
    "left": Phrases(
        ("to the left", "leftwards", "towards the left edge", "straight left"),
        ("in the direction of the left side",),
        ("off to the left-hand side", "in a leftward direction"),
    ),
    "up-left": Phrases(
        ("up and to the left", "towards the upper left", "towards the top left corner", "diagonally up-left"),
        ("in the direction of the left top corner",),
        ("off to the upper left-hand corner", "in an upward and leftward direction"),
    ),
    "up": Phrases(
        ("up", "upwards", "towards the top edge", "straight up"),
        ("in the direction of the top",),
        ("up to the upper side", "in an upward direction"),
    ),
    "up-right": Phrases(
        ("up and to the right", "towards the upper right", "towards the top right corner", "diagonally up-right"),
        ("in the direction of the right top corner",),
        ("off to the upper right-hand corner", "in an upward and rightward direction"),
    ),
}
SPEED_WORDS: dict[str, Phrases] = {
    "constant": Phrases(
        ("at a constant speed", "at a steady pace", "keeping its speed"),
        ("never changing speed",),
        ("at an unchanging pace", "with uniform speed"),
    ),
    "accelerating": Phrases(
        ("speeding up", "getting faster", "accelerating"),
        ("picking up speed",),
        ("faster and faster", "gaining speed"),
    ),
    "decelerating": Phrases(
        ("slowing down", "getting slower", "decelerating"),
        ("braking",),
        ("slower and slower", "losing speed"),
    ),
}
TURN_WORDS: dict[str, Phrases] = {
    "clockwise": Phrases(
        ("turning clockwise", "rotating clockwise", "spinning in the clockwise sense"),
        ("revolving clockwise",),
        ("with a clockwise spin", "twisting clockwise"),
    ),
    "anticlockwise": Phrases(
        ("turning anticlockwise", "rotating anticlockwise", "spinning in the counterclockwise sense"),
        ("revolving anticlockwise",),
        ("with an anticlockwise spin", "twisting counterclockwise"),
    ),
}
EVENT_WORDS: dict[str, Phrases] = {
    "warms": Phrases(
        ("the light warms", "the light turns warmer", "the lighting becomes warm"),
        ("the illumination warms up",),
        ("the light gets warmer", "a warmer light comes on"),
    ),
    "cools": Phrases(
        ("the light cools", "the light turns cooler", "the lighting becomes cool"),
        ("the illumination cools off",),
        ("the light gets cooler", "a cooler light comes on"),
    ),
    "grows": Phrases(
        ("the shape grows", "the object expands", "the shape becomes larger"),
        ("the object increases in size",),
        ("the figure gets bigger", "the thing swells"),
    ),
    "shrinks": Phrases(
        ("the shape shrinks", "the object contracts", "the shape becomes smaller"),
        ("the object decreases in size",),
        ("the figure gets tinier", "the thing dwindles"),
    ),
}
SUBJECTS = Phrases(("something", "an object", "a shape"), ("one thing",), ("a figure", "some item"))
"""Subjects of captions that don't name the look."""

MOTION = Phrases(
    (
        "{look} moves {way}, {speed}, {turn}",
        "{look} is moving {way}, {turn}, {speed}",
        "{look} travels {way} while {turn}, {speed}",
        "{turn}, {look} moves {way}, {speed}",
        "{speed}, {look} goes {way}, {turn}",
        "here {look} drifts {way}, {speed} and {turn}",
        "there is {look} that moves {way}, {speed}, {turn}",
        "a video of {look} moving {way}, {speed}, {turn}",
        "a clip of {look} going {way}, {turn}, {speed}",
        "we see {look} slide {way}, {speed}, {turn}",
        "{look}, {turn}, glides {way}, {speed}",
        "{look}, {speed}, heads {way}, {turn}",
        "the video shows {look} travelling {way}, {turn} and {speed}",
        "the clip shows {look} sliding {way}, {speed} and {turn}",
        "{look} slides {way}; it moves on {speed}, {turn}",
        "{look} goes {way}, {turn} on its way, {speed}",
        "in this video {look} moves {way}, {turn}, {speed}",
        "in this clip {look} heads {way}, {speed}, {turn}",
        "{look} passes by, going {way}, {speed}, {turn}",
        "watch {look} glide {way}, {turn}, {speed}",
    ),
    (
        "one can see {look} drifting {way}, {turn}, {speed}",
        "{look} makes its way {way}, {speed}, {turn}",
        "a short film of {look} which goes {way}, {turn}, {speed}",
        "{look} crosses the picture {way}, {speed}, {turn}",
        "{turn} and {speed}, {look} drifts {way}",
        "this is {look} on the move {way}, {speed}, {turn}",
    ),
    (
        "{look} floats {way}, {turn}, {speed}",
        "a recording of {look} floating {way}, {speed}, {turn}",
        "across the screen {look} proceeds {way}, {turn}, {speed}",
        "{look} shifts {way} across the frame, {speed}, {turn}",
        "footage of {look} that proceeds {way}, {turn}, {speed}",
        "you are looking at {look} shifting {way}, {speed}, {turn}",
        "{look} can be seen floating {way}, {turn} and {speed}",
        "{speed} and {turn}, {look} shifts {way}",
        "{look} wanders {way}, {speed}, {turn}",
        "a scene in which {look} wanders {way}, {turn}, {speed}",
    ),
)
ORDER = Phrases(
    (
        "{look}: first {first}, then {middle}, then {last}",
        "{look} rests; first {first}, next {middle}, finally {last}",
        "first {first}, then {middle}, and finally {last}, around {look}",
        "a video of {look}: {first}, then {middle}, then {last}",
        "a clip of {look}: at first {first}, after that {middle}, and at last {last}",
        "we see {look}; {first}, afterwards {middle}, and in the end {last}",
        "{first}, then {middle}, and then {last}, with {look} in view",
        "{look} stays where it is while {first}, then {middle}, then {last}",
        "the video shows {look}: to begin with {first}, next {middle}, lastly {last}",
        "the clip shows {look}; {first} before {middle}, and in the end {last}",
        "here is {look}: {first}; next {middle}; finally {last}",
        "there is {look}; to start with {first}, then {middle}, and last {last}",
        "in this video {first}, after that {middle}, finally {last}; it shows {look}",
        "in this clip of {look}, {first}, next {middle}, and then {last}",
        "at first {first}, later {middle}, and in the end {last}, all about {look}",
        "{look} does not move: {first}, then {middle}, finally {last}",
        "step one, {first}; step two, {middle}; step three, {last}; this is {look}",
        "watch {look}: {first} and then {middle} and then {last}",
        "{look} stands still; initially {first}, then {middle}, lastly {last}",
        "initially {first}, next {middle}, at last {last}; we see {look}",
    ),
    (
        "{look} keeps still as {first}, whereupon {middle}, and finally {last}",
        "one can see {look}: {first}; then {middle}; at last {last}",
        "a short film of {look} in which first {first}, next {middle}, then {last}",
        "beginning: {first}; middle: {middle}; end: {last}; shown is {look}",
        "to begin with {first}, then {middle}, and finally {last}, in a picture of {look}",
        "this is {look}, and {first}, later {middle}, lastly {last}",
    ),
    (
        "a recording of {look}: {first}, followed by this: {middle}, and eventually {last}",
        "footage of {look}; at the start {first}, subsequently {middle}, at the end {last}",
        "at the start {first}, in between {middle}, at the end {last}, and all along {look}",
        "{look} remains in place; {first}, subsequently {middle}, eventually {last}",
        "a scene with {look} where {first}, then {middle}, eventually {last}",
        "you are looking at {look}: {first}, thereafter {middle}, ultimately {last}",
        "{first}; thereafter {middle}; ultimately {last}; all this happens to {look}",
        "{look} can be seen while {first}, subsequently {middle}, and ultimately {last}",
        "number one, {first}, number two, {middle}, number three, {last}, with {look}",
        "{look} lingers: {first}, and thereafter {middle}, and eventually {last}",
    ),
)
LOOK = Phrases(
    (
        "{look}",
        "a picture of {look}",
        "an image of {look}",
        "a picture with {look} in it",
        "this picture shows {look}",
        "the image shows {look}",
        "here is {look}",
        "there is {look}",
        "we see {look}",
        "in this image there is {look}",
        "a video of {look}",
        "a clip of {look}",
        "this is {look}",
        "it shows {look}",
        "in the picture we see {look}",
        "the video shows {look}",
        "an example of {look}",
        "a view of {look}",
        "look at {look}",
        "what we see is {look}",
    ),
    (
        "one can see {look}",
        "a drawing of {look}",
        "the subject is {look}",
        "a simple picture that has {look} in it",
        "a short film of {look}",
        "there appears {look}",
    ),
    (
        "a photo of {look}",
        "a recording of {look}",
        "a snapshot of {look}",
        "footage of {look}",
        "you are looking at {look}",
        "{look} can be seen",
        "{look} is depicted",
        "a scene with {look}",
        "a frame that depicts {look}",
        "shown on the screen: {look}",
    ),
)
