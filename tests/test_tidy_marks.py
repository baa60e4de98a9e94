"""Marks as Vietnamese staff make them, and what x means."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.tidy.marks import ASK, NONE, meaning_of_x, parse_tick

NUMBERED: list[object] = ["x"] * 2851 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] * 35


@pytest.mark.parametrize("cell", ["x", "X", " x ", "×", "✓", "✔", "√", "☑", "v", "V", "+", "có", "Có", "CÓ", "1", 1.0, 1, "rồi", "đã",
                                  "TRUE", "(x)", "x.", "\uf0fc"], ids=repr)
def test_a_mark_is_a_yes(cell: object) -> None:
    assert parse_tick(cell) == (True, "", "")


@pytest.mark.parametrize("cell", [None, "", "  ", "không", "Không", "KHÔNG", "ko", "k", "0", 0.0, "-", "–", "—", "chưa", "FALSE", "…",
                                  ".....", "☐", "\uf0fb"], ids=repr)
def test_nothing_and_no_are_a_no(cell: object) -> None:
    assert parse_tick(cell) == (False, "", "")


@pytest.mark.parametrize(("cell", "yes"), [("Khg", False), ("khong", False), ("kg", False), ("không có", False), ("ko có", False),
                                           ("chưa có", False), ("Chua", False), ("c", True), ("C", True), ("co", True), ("đã có", True),
                                           ("có rồi", True), ("ok", True)])
def test_a_short_word_is_understood_and_said(cell: str, yes: bool) -> None:
    assert parse_tick(cell) == (yes, "value_understood", cell.lower())


@pytest.mark.parametrize("cell", ["thỉnh thoảng", 2.0, 0.5, date(2024, 5, 6), "xx", "?", "ü", "û", "✗", "06/05/2024", "xã"], ids=repr)
def test_anything_else_is_a_yes_that_somebody_looks_at(cell: object) -> None:
    assert parse_tick(cell) == (True, "tick_unclear", "")


@pytest.mark.parametrize(("cell", "font", "yes"), [("ü", "Wingdings", True), ("û", "Wingdings", False), ("û", " WINGDINGS ", False),
                                                   ("P", "Wingdings 2", True), ("O", "Wingdings 2", False)])
def test_letters_in_a_font_of_signs_are_what_they_show(cell: str, font: str, yes: bool) -> None:
    assert parse_tick(cell, font) == (yes, "", "")


@pytest.mark.parametrize(("cells", "meaning"), [
    (NUMBERED, NONE), (["x", "kinh", "X ", "kinh", None], NONE), (["x"] * 9 + ["thuộc diện 1", "thuộc diện 2"], NONE),
    (["x", "", "x ", None, "X"], ASK), (["x"] * 1900 + [""] * 100, ASK), (["x", "không", "không"], ASK), (["x", "có", "có"], ASK),
    (["x", "x", "đang xét"], ASK), ([None, "", "1", "2"], NONE), ([], NONE),
])
def test_x_beside_codes_or_words_says_none_and_alone_it_must_be_asked(cells: list[object], meaning: str) -> None:
    assert meaning_of_x(cells) == meaning
