"""Code lists: all their names are understood, nothing else is."""

from __future__ import annotations

import unicodedata

import pytest

from pipeline.form import Code, load_form
from pipeline.tidy.codes import NO_CODE, CodeBook, nearest
from pipeline.tidy.columns import Tidier

FORM = load_form()
NAMES = [(name, position, written) for name, codes in FORM.lists.items() for position, code in enumerate(codes)
         for written in (code.code, code.label, *code.aliases)]


@pytest.fixture(scope="module")
def books() -> dict[str, CodeBook]:
    return {name: CodeBook(codes) for name, codes in FORM.lists.items()}


@pytest.mark.parametrize(("name", "position", "written"), NAMES, ids=[f"{name}: {written}" for name, _, written in NAMES])
def test_every_code_label_and_alias_is_understood(books: dict[str, CodeBook], name: str, position: int, written: str) -> None:
    book = books[name]
    for typed in (written, written.upper(), written.lower(), f"  {written} ", unicodedata.normalize("NFD", written)):
        assert book.parse(typed) == (position, ""), typed


@pytest.mark.parametrize("cell", [None, "", "  ", "-", "–", "—"], ids=repr)
def test_an_empty_cell_is_no_code_and_no_finding(books: dict[str, CodeBook], cell: object) -> None:
    assert books["sex"].parse(cell) == (NO_CODE, "")


def test_labels_without_their_marks_are_understood_where_only_one_is_meant(books: dict[str, CodeBook]) -> None:
    assert books["occupation"].parse("tho xay") == (0, "")
    assert books["release_type"].parse("dac xa") == (1, "")
    assert books["employment_status"].parse("co viec lam on dinh") == (0, "")


def test_a_name_that_means_two_codes_without_its_marks_is_not_guessed() -> None:
    book = CodeBook([Code("t", "ONE", "Chưa", (), 1), Code("t", "TWO", "Chùa", (), 2)])
    assert book.parse("chưa").position == 0
    assert book.parse("CHÙA").position == 1
    assert book.parse("chua") == (NO_CODE, "code_unknown")


def test_both_ways_of_placing_a_tone_are_understood(books: dict[str, CodeBook]) -> None:
    assert books["end_reason"].parse("Đã được xoá án tích") == (0, "")
    assert books["occupation"].parse("Thuỷ sản") == (9, "")


@pytest.mark.parametrize("cell", ["bình thường", 7.0, "Nam hay nữ"], ids=repr)
def test_anything_else_is_unknown(books: dict[str, CodeBook], cell: object) -> None:
    assert books["sex"].parse(cell) == (NO_CODE, "code_unknown")


@pytest.mark.parametrize(("name", "typed", "label"), [
    ("occupation", "Thợ xâyy", "Thợ xây"), ("release_type", "đặc sá", "Đặc xá"),
    ("employment_status", "Có việc ổn định", "Có việc làm ổn định"),
])
def test_a_misspelt_label_is_suggested_and_not_taken(books: dict[str, CodeBook], name: str, typed: str, label: str) -> None:
    assert books[name].parse(typed).code == "code_unknown"
    assert books[name].suggest(typed) == label


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    assert nearest("hoàn toàn khác", ["Thợ xây", "Thợ mộc"]) == ""
    assert nearest("Số điện thoại", ["Diện", "Giới tính"]) == ""


def test_the_suggestion_reaches_the_finding() -> None:
    column = FORM.sheet["people"].by_key["occupation"]
    _, issues = Tidier(FORM).tidy(column, ["Thợ xây", "Thợ xâyy", "???"])
    assert [(at, issue.code, dict(issue.values)["suggestion"]) for at, issue in issues] == [
        (1, "code_unknown", " Có phải là “Thợ xây” không?"), (2, "code_unknown", "")]
