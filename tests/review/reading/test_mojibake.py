"""Correct texts of many languages do not change; text that was decoded wrongly once or twice is repaired."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest

from auxjepa_review.reading.mojibake import fix_mojibake
from auxjepa_review.reading.repair import clean

CORRECT = """
Die Gauß–Newton-Methode konvergiert; „Maß“ – Fuß’ Größe, weiß… und groß“ sagte er. Fuß” Maß™ Spaß• Haß—Liebe Straße
CAFÉ–BAR, BODØ–OSLO, MÜNCHEN–KÖLN, „ÜBER“ – MAẞ; ÀÉÎÕÜ „Ä“ ‘É’ ’Ê” Ö– Ü— Ñ… Õ™
Le modèle « à l’été » – déjà vu, cœur, Hélène’s café—5 €, À bientôt, Ça va, Âge, Ô rage, l’Œuvre, voilà…
Zażółć gęślą jaźń – Łódź, „Świętokrzyskie”, Poincaré–Bendixson, Erdős–Rényi, Łukasiewicz–Tarski, Čech–Stone
Η μέθοδος Γκάους–Νιούτον «δουλεύει» — α–β, Ωμέγα, ΑΒΓ… ‘σωστό’
Phương pháp Gauss–Newton “rất tốt” – Đặng Thị Hà, Nguyễn Ái Quốc, Việt Nam… Ã Õ Ơ Ư
高斯–牛顿法“很好”——测试，视频表示学习（自监督）。ガウス・ニュートン法「テスト」 가우스–뉴턴 방법
Метод Гаусса–Ньютона «хорош» — да… „Ёлка“ – її ґанок
‖x‖₂ ≥ ε, ∑ᵢ xᵢ² ≤ ½ × 3 ± 0.5 → ∞; 2.5–2.9 points, 5 µm, 10⁻³, ∂f/∂x ≠ 0, ⟨u, v⟩ = ℓ₂, ℝⁿ, Å, °C, ‰, §3, ¶, © ® ™
São Paulo, NÃO, CORAÇÃO“, MÃE™, ações – “não”; señor ¿qué? ¡sí! AÑO–MES, Ñandú
Türkçe: çalışma, şehir, İstanbul – ığdır, Ağrı; Çelik “ŞÖLEN” …
Ísland – Þór og Æsir, ÞÓR’S; Ærø–Åland, Sørensen—Ångström, IÑTËRNÂTIÔNÀLIZÆTIØN
שלום – “עולם”; العربية – «مرحبا»; हिन्दी – “नमस्ते”; ไทย – “สวัสดี”
Ã is a letter, and so is Â; À la carte. \ufffdGauß–Newton und Ma\ufffdß’ naïve—coöperate, façade’s “résumé”
""".strip().split("\n")

MISREAD = [
    "2.5–2.9 points",
    "naïve",
    "don’t and won’t",
    "“quoted” … and — dashes",
    "Die Gauß–Newton-Methode",
    "Erdős–Rényi graphs",
    "Łukasiewicz und Čech",
    "Ngô Đình: Tiếng Việt",
    "高斯牛顿法测试",
    "Метод Гаусса",
    "α–β pruning",
    "±0.5 × 3 → 4",
    "Türkçe şehir çalışma",
    "ÅngstrÖm Über",
    "5 µm at 20 °C",
]


@pytest.mark.parametrize("line", CORRECT)
def test_correct_text_never_changes(line: str) -> None:
    assert fix_mojibake(line) == line
    for word in line.split():
        assert fix_mojibake(word) == word
    plain = unicodedata.normalize("NFC", line)
    assert clean(plain) == plain


def decode_wrongly(text: str, how: str) -> str:
    """Return UTF-8 that was decoded with another encoding; bytes that Windows-1252 does not define are decoded as
    Latin-1."""
    letters = (bytes([byte]) for byte in text.encode("utf-8"))
    return "".join(letter.decode(how, "ignore") or letter.decode("latin-1") for letter in letters)


@pytest.mark.parametrize("how", ["cp1252", "latin-1"])
@pytest.mark.parametrize("text", MISREAD)
def test_text_that_was_decoded_wrongly_once_or_twice_is_repaired(text: str, how: str) -> None:
    once = decode_wrongly(text, how)
    assert fix_mojibake(once) == text
    assert fix_mojibake(decode_wrongly(once, how)) == text


@pytest.mark.parametrize("sound", ["Die Gauß–Newton-Methode", "groß“ sagte er", "Haß—Liebe und Maß…"])
def test_only_the_damaged_word_of_a_line_changes(sound: str) -> None:
    assert fix_mojibake(f"{sound} donâ€™t naÃ¯ve") == f"{sound} don’t naïve"
    assert fix_mojibake(f"2.5â€“2.9 points\n{sound}") == f"2.5–2.9 points\n{sound}"


def test_a_second_repair_changes_nothing() -> None:
    for line in (*CORRECT, *MISREAD, *(decode_wrongly(text, "cp1252") for text in MISREAD)):
        assert fix_mojibake(fix_mojibake(line)) == fix_mojibake(line)


def test_without_ftfy_plain_texts_are_read_and_others_name_the_missing_library() -> None:
    code = """
import sys
sys.modules["ftfy"] = None
from auxjepa_review.reading.limits import UnreadableError
from auxjepa_review.reading.repair import clean
print(clean("plain – text, naïve “words”"))
try:
    clean("donâ€™t")
except UnreadableError as error:
    print(error)
"""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = finished.stdout.splitlines()
    assert first == "plain – text, naïve “words”" and second.endswith("needs ftfy: pip install 'auxjepa[review]'")
