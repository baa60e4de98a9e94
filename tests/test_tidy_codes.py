"""Code lists: all their names are understood, nothing else is."""

from __future__ import annotations

import unicodedata

import pytest

from pipeline.form import Code, load_form
from pipeline.raw import Cell
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


@pytest.mark.parametrize(("name", "typed", "code"), [
    ("occupation", "tho ho", "MASON"), ("release_type", "dac xa", "AMNESTY"), ("employment_status", "co viec lam on dinh", "STABLE"),
    ("employment_status", "CHUA CO VIEC LAM", "NONE"), ("employment_status", "khong", "NONE"),
])
def test_names_without_their_marks_are_understood_where_only_one_is_meant_and_said(books: dict[str, CodeBook], name: str, typed: str,
                                                                                  code: str) -> None:
    assert said(books[name], typed) == (code, "value_understood")


def test_a_name_that_means_two_codes_without_its_marks_is_not_guessed() -> None:
    book = CodeBook([Code("t", "ONE", "Chưa", (), 1), Code("t", "TWO", "Chùa", (), 2)])
    assert book.parse("chưa").position == 0
    assert book.parse("CHÙA").position == 1
    assert book.parse("chua") == (NO_CODE, "code_unknown")


def test_both_ways_of_placing_a_tone_are_understood(books: dict[str, CodeBook]) -> None:
    assert books["end_reason"].parse("Đã được xoá án tích") == (0, "")
    assert books["occupation"].parse("Thuỷ sản") == (9, "")


@pytest.mark.parametrize(("name", "typed", "code"), [
    ("occupation", "Buôn bán.", "TRADE"), ("occupation", "cơ khí - sửa chữa", "MECHANIC"), ("occupation", "(thợ xây)", "MASON"),
    ("employment_status", "đã có", "EMPLOYED"), ("employment_status", "Không có việc", "NONE"),
    ("release_type", "Đã chấp hành xong hình phạt tù", "SERVED"), ("org", "Chi hội Phụ nữ", "WOMEN"), ("org", "Hội CTĐ", "OTHER"),
])
def test_punctuation_does_not_matter_and_common_names_are_aliases(books: dict[str, CodeBook], name: str, typed: str, code: str) -> None:
    assert said(books[name], typed) == (code, "")


@pytest.mark.parametrize(("typed", "code"), [
    ("Khg", "NONE"), ("ko", "NONE"), ("k", "NONE"), ("KG", "NONE"), ("c", "EMPLOYED"), ("Ko có việc làm", "NONE"), ("có vl", "EMPLOYED"),
    ("có việc làm ko ổn định", "UNSTABLE"), ("có vl ôđ", "STABLE"),
])
def test_short_words_are_written_out_and_said(books: dict[str, CodeBook], typed: str, code: str) -> None:
    assert said(books["employment_status"], typed) == (code, "value_understood")


@pytest.mark.parametrize(("name", "typed", "code"), [
    ("occupation", "Thợ xâyy", "MASON"), ("occupation", "Nông ngiệp", "FARMING"), ("occupation", "Nông nghiêp", "FARMING"),
    ("occupation", "Thợ moc", "CARPENTER"), ("release_type", "Chấp hành xong án phạt tú", "SERVED"),
    ("release_type", "Chấp hành xong án phat tù", "SERVED"), ("end_reason", "Chuyểnn đi", "MOVED"), ("org", "Hội Phụ nử", "WOMEN"),
    ("employment_status", "Chưa có viêc làm", "NONE"), ("channel", "Loa truyền thnh", "LOUDSPEAKER"),
])
def test_a_misspelt_name_that_can_only_mean_one_is_repaired_and_said(books: dict[str, CodeBook], name: str, typed: str, code: str) -> None:
    assert said(books[name], typed) == (code, "value_understood")


@pytest.mark.parametrize(("name", "typed"), [
    ("occupation", "thợ may mặc"), ("occupation", "tho may"), ("occupation", "thợ xay"), ("occupation", "Thọ xây"), ("sex", "Năm"),
    ("end_reason", "đã hết"), ("end_reason", "đã bắt"), ("employment_status", "chưa rõ"), ("employment_status", "ko rõ"),
    ("employment_status", "Chưa có việc làm ổn định"), ("release_type", "chưa chấp hành xong"), ("release_type", "đặc sá"),
    ("loan_program", "22/2024/QĐ-TTg"), ("loan_program", "QĐ 23"), ("model_type", "3"), ("org", "UBNN xã"), ("org", "Hội CB"),
    ("org", "Hội NC"), ("org", "Đoàn thể"), ("occupation", "?"), ("occupation", "x"), ("occupation", "Thợ xây " * 20),
])
def test_what_may_mean_something_else_is_not_repaired(books: dict[str, CodeBook], name: str, typed: str) -> None:
    assert books[name].parse(typed) == (NO_CODE, "code_unknown")


@pytest.mark.parametrize("cell", ["bình thường", 7.0, "Nam hay nữ"], ids=repr)
def test_anything_else_is_unknown(books: dict[str, CodeBook], cell: object) -> None:
    assert books["sex"].parse(cell) == (NO_CODE, "code_unknown")


@pytest.mark.parametrize(("name", "typed", "label"), [
    ("occupation", "Thọ xây", "Thợ xây"), ("release_type", "đặc sá", "Đặc xá"), ("sex", "Năm", "Nam"),
    ("employment_status", "Có việc rất ổn định", "Có việc làm ổn định"),
])
def test_a_near_label_is_suggested_and_not_taken(books: dict[str, CodeBook], name: str, typed: str, label: str) -> None:
    assert books[name].parse(typed).code == "code_unknown"
    assert books[name].suggest(typed) == label


def test_nothing_is_suggested_where_nothing_is_near_or_nobody_knows(books: dict[str, CodeBook]) -> None:
    assert nearest("hoàn toàn khác", ["Thợ xây", "Thợ mộc"]) == ""
    assert nearest("Số điện thoại", ["Diện", "Giới tính"]) == ""
    assert books["employment_status"].suggest("chưa rõ") == ""


def test_the_suggestion_reaches_the_finding() -> None:
    assert issues_of("people", "occupation", ["Thợ xây", "Thọ xây", "???"]) == [
        (1, "code_unknown", " Có phải là “Thợ xây” không?"), (2, "code_unknown", "")]


def test_only_one_word_is_quoted_because_a_name_has_two() -> None:
    assert issues_of("people", "employment_status", ["Khg", "ko có việc", "c"]) == [
        (0, "value_understood", "“Khg” là “Chưa có việc làm”"), (1, "value_understood", "cách viết gần giống là “Chưa có việc làm”"),
        (2, "value_understood", "“c” là “Có việc làm”")]


def test_a_longer_text_that_names_one_occupation_or_organisation_is_understood_and_said() -> None:
    assert codes_of("people", "occupation", ["Công nhân công ty TNHH A", "thợ xây tự do", "không làm thợ xây", "Thợ xây và lái xe"]) == [
        "FACTORY", "MASON", None, None]
    assert codes_of("support", "org", ["Hội Phụ nữ thôn Đông", "Hội PN, Đoàn TN", "Công an huyện"]) == ["WOMEN", None, "POLICE"]
    assert issues_of("people", "occupation", ["Thợ xây ở xa"]) == [(0, "value_understood", "cách viết gần giống là “Thợ xây”")]


def test_a_plain_no_is_an_answer_where_none_need_be_given() -> None:
    assert issues_of("people", "occupation", ["không", "chưa có", "Khg", "0", "-"]) == []
    assert [code for _, code, _ in issues_of("support", "org", ["không"])] == ["code_unknown"]


def said(book: CodeBook, typed: str) -> tuple[str, str]:
    position, code = book.parse(typed)
    return book.codes[position].code if position != NO_CODE else "", code


def codes_of(sheet: str, key: str, cells: list[Cell]) -> list[str | None]:
    column = FORM.sheet[sheet].by_key[key]
    values, _ = Tidier(FORM).tidy(column, cells)
    return [FORM.codes(column.list)[at] if at != NO_CODE else None for at in values.tolist()]


def issues_of(sheet: str, key: str, cells: list[Cell]) -> list[tuple[int, str, object]]:
    _, issues = Tidier(FORM).tidy(FORM.sheet[sheet].by_key[key], cells)
    return [(at, issue.code, issue.values[0][1]) for at, issue in issues]
