"""Legal Vietnamese syllables, and words that may stand beside them."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from pipeline.demo.people import FAMILIES, GIVENS, MIDDLES
from pipeline.syllables import TONES, is_kin, is_syllable, legal_syllables, read_charset

HOME = Path(__file__).parent.parent
LEGAL = """a ở ý nguyễn Nguyễn NGUYỄN nghiêng nghiệng khuỷu khuya quý quốc quyển quỳnh quýt gì gìa giếng giặt già gìn giữ uống yến yêu
ỉa thuở xoong xoóng huỳnh suýt hoà hòa thuỷ thủy ngoằn ngoèo khoáy đuổi ướt được ghế nghỉ kẻ Kạn hươu rượu tuýp"""
ILLEGAL = """cat cảt nguyển̉ ngế kế́ cê gê qa qoa bb trr Nguyeãn aa eó hìên hiền̂ hoân iên bưn1 ươ ăn̂ â ăp µm Müller cho̧ nghành"""
KIN = "HĐND QĐ lđ Krông Mnông Hrê Đắk Lắk Đăk Niêl Êđê qúy qủa NguyễnVăn Plơi Păh"
TEXTS = ("expectations/messages.csv", "pipeline/form/columns.csv", "pipeline/form/codes.csv", "pipeline/form/indicators.csv")


@pytest.mark.parametrize("word", LEGAL.split())
def test_syllables_of_every_build_are_legal(word: str) -> None:
    assert is_syllable(word)
    assert is_syllable(unicodedata.normalize("NFD", word))


@pytest.mark.parametrize("word", [*ILLEGAL.split(), "", " ", "hai ba"])
def test_what_no_onset_rime_and_tone_give_is_not(word: str) -> None:
    assert not is_syllable(word)


def test_a_syllable_stopped_short_has_a_sharp_or_a_heavy_tone() -> None:
    stopped = [word for word in legal_syllables() if re.search("(?:[ptc]|ch)$", unicodedata.normalize("NFD", word))]
    assert len(stopped) > 1000
    assert {mark for word in stopped for mark in unicodedata.normalize("NFD", word) if mark in TONES[1:]} == {"\u0301", "\u0323"}
    assert all(any(mark in unicodedata.normalize("NFD", word) for mark in "\u0301\u0323") for word in stopped)


def test_every_syllable_has_one_tone_at_most_and_is_whole() -> None:
    for word in legal_syllables():
        assert unicodedata.is_normalized("NFC", word)
        assert sum(mark in TONES[1:] for mark in unicodedata.normalize("NFD", word)) <= 1
    assert 15_000 < len(legal_syllables()) < 25_000


def test_each_onset_and_rime_stands_once() -> None:
    for name, key in (("onsets.csv", "onset"), ("rimes.csv", "rime")):
        values = [row[key] for row in read_charset(name)]
        assert len(values) == len(set(values))


def test_all_vietnamese_that_the_program_says_is_made_of_legal_syllables() -> None:
    texts = " ".join((HOME / name).read_text(encoding="utf-8-sig") for name in TEXTS)
    names = [" ".join(group) for group in (FAMILIES, *MIDDLES.values(), *GIVENS.values())]
    words = {word for word in re.findall(r"[^\W\d_]+", " ".join([texts, *names])) if not word.isascii()}
    assert len(words) > 400
    strange = {word for word in words if not is_syllable(word)}
    assert len(strange) < 0.03 * len(words), strange
    assert len([word for word in strange if not is_kin(word)]) < 0.01 * len(words), strange


@pytest.mark.parametrize("word", KIN.split())
def test_abbreviations_other_peoples_names_and_slips_are_kin(word: str) -> None:
    assert not is_syllable(word)
    assert is_kin(word)


@pytest.mark.parametrize("word", ["", "Müller", "Nguyeãn", "ßß", "µS", "Samsungđ", "nghành"])
def test_anything_else_is_not(word: str) -> None:
    assert not is_kin(word)
