"""Text as typed and text as compared."""

from __future__ import annotations

import unicodedata

import pytest

from pipeline.text import clean, fold, slug, tone_neutral


@pytest.mark.parametrize(("typed", "cleaned"), [
    ("  Thôn   Đông ", "Thôn Đông"),
    ("Thôn\u00a0Đông\u202f1", "Thôn Đông 1"),
    ("Thôn\tĐông\nhai", "Thôn Đông hai"),
    ("Thôn\u200b Đô\ufeffng\u2060", "Thôn Đông"),
    ("Ðông", "Đông"),
    ("Ɖông", "Đông"),
    ("a\x00b\x1fc", "a b c"),
    (unicodedata.normalize("NFD", "Nguyễn Thị Huệ"), "Nguyễn Thị Huệ"),
    ("ê\u0323", "ệ"),
    ("e\u0301\u0302", "ế"),
    ("o\u0301\u031b", "ớ"),
    ("", ""),
])
def test_cleaning_composes_letters_and_squeezes_spaces(typed: str, cleaned: str) -> None:
    assert clean(typed) == cleaned
    assert unicodedata.is_normalized("NFC", clean(typed))


def test_a_soft_hyphen_is_kept_because_an_old_font_means_a_letter_by_it() -> None:
    assert clean("a\u00adb") == "a\u00adb"


@pytest.mark.parametrize(("typed", "key"), [
    ("Ngày, tháng, năm sinh", "ngay thang nam sinh"),
    ("Họ  và_tên (*)", "ho va ten"),
    ("ĐƯỜNG", "duong"),
    (unicodedata.normalize("NFD", "Đặc xá"), "dac xa"),
    ("Số CCCD/ĐDCN", "so cccd ddcn"),
    ("--", ""),
])
def test_folding_drops_case_marks_and_punctuation(typed: str, key: str) -> None:
    assert fold(typed) == key


def test_folding_makes_different_tones_one_key() -> None:
    assert fold("Đông") == fold("Động") == "dong"


@pytest.mark.parametrize(("new", "old"), [
    ("hoà", "hòa"), ("khoẻ", "khỏe"), ("Thuý", "thúy"), ("xoá", "xóa"), ("toà án", "tòa án"), ("loè", "lòe"), ("hoạ", "họa"),
    ("xoá án tích", "xóa án tích"),
])
def test_both_ways_of_placing_a_tone_compare_equal(new: str, old: str) -> None:
    assert tone_neutral(new) == tone_neutral(old) == old


@pytest.mark.parametrize("word", ["hoàn", "suýt", "huỳnh", "quý", "quả", "giá", "của", "thuở", "khuỷu", "hoặc", "ngoặt", "quỳ"])
def test_tones_that_are_placed_alike_everywhere_stay(word: str) -> None:
    assert tone_neutral(word) == word


def test_tones_still_tell_words_apart() -> None:
    assert tone_neutral("Đông") != tone_neutral("Động")


def test_a_slug_is_plain_ascii() -> None:
    assert slug("Xã Hợp Đức (mới)") == "xa-hop-duc-moi"
