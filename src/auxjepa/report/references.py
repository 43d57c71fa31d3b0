"""References of the report: the paper under study and the sources of its statistics, as text and as BibTeX."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """One source.

    Args:
        key: key of the BibTeX entry.
        kind: kind of the BibTeX entry.
        author: authors, in BibTeX form.
        title: title.
        where: journal, publisher, book or archive.
        year: year of publication.
        what: what the report uses from it.
    """

    key: str
    kind: str
    author: str
    title: str
    where: str
    year: int
    what: str

    @property
    def text(self) -> str:
        """The source on one line."""
        who = f"{self.author} ({self.year}). " if self.author else f"({self.year}). "
        return f"{who}{self.title}. {self.where}."

    @property
    def bibtex(self) -> str:
        """The BibTeX entry."""
        place = {"article": "journal", "inproceedings": "booktitle", "book": "publisher"}.get(self.kind, "howpublished")
        fields = {"author": self.author, "title": self.title, place: self.where, "year": str(self.year)}
        lines = [f"  {name} = {{{latex(value)}}}" for name, value in fields.items() if value]
        return f"@{self.kind}{{{self.key},\n" + ",\n".join(lines) + "\n}\n"


REFERENCES = (
    Reference(
        "fwmhwld2026",
        "misc",
        "",
        "Factorized Latent Dynamics for Video JEPA: An Empirical Study of Auxiliary Objectives",
        "arXiv 2605.17165",
        2026,
        "the objectives, their weights and the published scores",
    ),
    Reference(
        "bardes2024vjepa",
        "article",
        "Bardes, Adrien and Garrido, Quentin and Ponce, Jean and Chen, Xinlei and Rabbat, Michael and LeCun, Yann and "
        "Assran, Mahmoud and Ballas, Nicolas",
        "Revisiting Feature Prediction for Learning Visual Representations from Video",
        "arXiv 2404.08471",
        2024,
        "Video-JEPA: masked latent prediction with an EMA teacher",
    ),
    Reference(
        "fisher1935design",
        "book",
        "Fisher, Ronald A.",
        "The Design of Experiments",
        "Oliver and Boyd",
        1935,
        "the sign-flip permutation test of paired differences",
    ),
    Reference(
        "holm1979simple",
        "article",
        "Holm, Sture",
        "A Simple Sequentially Rejective Multiple Test Procedure",
        "Scandinavian Journal of Statistics 6(2)",
        1979,
        "the correction for several comparisons",
    ),
    Reference(
        "mcnemar1947note",
        "article",
        "McNemar, Quinn",
        "Note on the Sampling Error of the Difference between Correlated Proportions or Percentages",
        "Psychometrika 12(2)",
        1947,
        "the test on the same test examples",
    ),
    Reference(
        "wilson1927probable",
        "article",
        "Wilson, Edwin B.",
        "Probable Inference, the Law of Succession, and Statistical Inference",
        "Journal of the American Statistical Association 22(158)",
        1927,
        "the interval of a score over test examples",
    ),
    Reference(
        "efron1987better",
        "article",
        "Efron, Bradley",
        "Better Bootstrap Confidence Intervals",
        "Journal of the American Statistical Association 82(397)",
        1987,
        "the BCa interval",
    ),
    Reference(
        "schuirmann1987comparison",
        "article",
        "Schuirmann, Donald J.",
        "A Comparison of the Two One-Sided Tests Procedure and the Power Approach for Assessing the Equivalence of "
        "Average Bioavailability",
        "Journal of Pharmacokinetics and Biopharmaceutics 15(6)",
        1987,
        "the equivalence test",
    ),
    Reference(
        "agarwal2021deep",
        "inproceedings",
        "Agarwal, Rishabh and Schwarzer, Max and Castro, Pablo Samuel and Courville, Aaron and Bellemare, Marc G.",
        "Deep Reinforcement Learning at the Edge of the Statistical Precipice",
        "Advances in Neural Information Processing Systems 34",
        2021,
        "interquartile means, performance profiles, probability of improvement",
    ),
    Reference(
        "taori2020measuring",
        "inproceedings",
        "Taori, Rohan and Dave, Achal and Shankar, Vaishaal and Carlini, Nicholas and Recht, Benjamin and Schmidt, "
        "Ludwig",
        "Measuring Robustness to Natural Distribution Shifts in Image Classification",
        "Advances in Neural Information Processing Systems 33",
        2020,
        "effective robustness",
    ),
)

_SIGNS = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_WORDS = {"±": r"$\pm$", "−": "$-$", "–": "--", "%": r"\%", "<": "$<$", ">": "$>$", "×": r"$\times$", "°": r"$^\circ$"}
_MARKS = {"△": r"$\vartriangle$", "▽": r"$\triangledown$", "▲": r"$\blacktriangle$", "▼": r"$\blacktriangledown$"}
_OTHERS = {"○": r"$\circ$", "◇": r"$\lozenge$"}
_ESCAPES = {**_SIGNS, **_WORDS, **_MARKS, **_OTHERS, **{sign: f"\\{sign}" for sign in "&$#_{}"}}


def latex(text: str) -> str:
    """Return a text for LaTeX, with every special sign escaped (the triangles need amssymb).

    Args:
        text: any text.
    """
    return "".join(_ESCAPES.get(sign, sign) for sign in text)
