"""Identity numbers understood, compared and keyed."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from pipeline.tidy.dates import NO_DATE
from pipeline.tidy.identity import ParsedId, agrees, id_key, make_key, name_key, parse_citizen_id
from pipeline.tidy.notes import SAYING_CODES, note_says

SECRET = b"a secret for tests only, 32 byte"
TRIAL = "000085123456"


@pytest.mark.parametrize("cell", [TRIAL, " 000085123456 ", "'000085123456", "000 085 123 456", "000.085.123.456",
                                  "000-085-123456"])
def test_twelve_digits_are_read_through_spaces_dots_and_hyphens(cell: str) -> None:
    assert parse_citizen_id(cell) == (TRIAL, "", False, "")


@pytest.mark.parametrize("cell", [None, "", " ", "-", "…", "không", "không có", "chưa có", "Chưa cấp", "ko"])
def test_an_empty_cell_and_a_plain_no_are_no_number_and_no_finding(cell: object) -> None:
    assert parse_citizen_id(cell) == ParsedId()


@pytest.mark.parametrize(("cell", "digits"), [
    # Only one or two zeros can be put back, so these numbers alone cannot begin with the reserved 000.
    (1_085_000_000, "001085000000"), (24_085_000_000.0, "024085000000"), ("1085000000", "001085000000"), ("24085000000", "024085000000"),
    ("24 085 000 000", "024085000000"),
])
def test_zeros_lost_by_a_number_cell_are_put_back_and_said(cell: object, digits: str) -> None:
    assert parse_citizen_id(cell) == (digits, "", True, "")


@pytest.mark.parametrize(("cell", "digits", "padded"), [("000123456", "000123456", False), (123_456_789, "123456789", False),
                                                        ("123 456 789", "123456789", False), (12_345_678.0, "012345678", True)])
def test_nine_digits_are_the_old_card(cell: object, digits: str, padded: bool) -> None:
    assert parse_citizen_id(cell) == (digits, "citizen_id_old", padded, "")


@pytest.mark.parametrize(("cell", "hint"), [
    ("00008512345", "11 chữ số"), ("0000851234567", "13 chữ số"), ("0912345678", "10 chữ số"), ("12345678", "8 chữ số"),
    (1234567, "7 chữ số"), (3_085_000_000, "10 chữ số"), ("3085000000", "10 chữ số"), (1_000_085_123_456, "13 chữ số"),
    ("1.08E+10", "mất chữ số"), ("1,08e+11", "mất chữ số"), ("00008512345x", ""), ("B1234567", ""), ("mất thẻ", ""),
    (108.5, ""), (-85_123_456, ""), (float("nan"), ""), (float("inf"), ""), ("\u0660" * 12, ""), (date(2024, 5, 6), ""),
], ids=repr)
def test_anything_else_is_unreadable_and_not_kept(cell: object, hint: str) -> None:
    parsed = parse_citizen_id(cell)
    assert parsed[:3] == ("", "citizen_id_unreadable", False)
    assert hint in parsed.hint
    assert bool(parsed.hint) == bool(hint)


@pytest.mark.parametrize(("digits", "year", "sex", "verdict"), [
    ("000085123456", 1985, 0, 1), ("000185123456", 1985, 1, 1), ("000204123456", 2004, 0, 1), ("000304123456", 2004, 1, 1),
    ("000085123456", 1986, 0, 0), ("000085123456", 1985, 1, 0), ("000085123456", 2085, 0, 0), ("000085123456", None, 0, 1),
    ("000085123456", None, 1, 0), ("000085123456", 1985, -1, 1), ("000085123456", None, -1, -1), ("000123456", 1985, 0, -1),
    ("", 1985, 0, -1),
])
def test_a_number_is_compared_with_birth_year_and_sex(digits: str, year: int | None, sex: int, verdict: int) -> None:
    assert agrees(digits, year, sex) == verdict


def test_keys_depend_on_the_secret_and_are_no_plain_hash() -> None:
    key = id_key(SECRET, TRIAL)
    assert key == id_key(SECRET, TRIAL) != id_key(b"another secret", TRIAL)
    plain = {int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") for text in (TRIAL, f"id|{TRIAL}")}
    assert key not in plain


def test_kinds_of_keys_never_meet() -> None:
    assert make_key(SECRET, "id", "a") != make_key(SECRET, "name", "a")


def test_nobody_has_key_zero() -> None:
    assert id_key(SECRET, "") == 0
    assert name_key(SECRET, "", 5000, 0) == 0
    assert name_key(SECRET, "Tên Mẫu", NO_DATE, 0) == 0


def test_a_name_key_ignores_case_and_marks_but_not_birth_and_sex() -> None:
    key = name_key(SECRET, "Nguyễn Văn Mẫu", 5000, 0)
    assert key == name_key(SECRET, "NGUYEN VAN MAU", 5000, 0)
    assert len({key, name_key(SECRET, "Nguyễn Văn Mẫu", 5001, 0), name_key(SECRET, "Nguyễn Văn Mẫu", 5000, 1)}) == 3


@pytest.mark.parametrize(("note", "says"), [
    ("đã chuyển đi nơi khác", "MOVED"), ("chuyển khẩu về quê", "MOVED"), ("Đã được xoá án tích tháng 3", "EXPUNGED"),
    ("đã xóa án tích", "EXPUNGED"), ("được xóa án tích", "EXPUNGED"), ("Đã chết", "DIED"), ("đã mất tháng 2", "DIED"),
    ("qua đời", "DIED"), ("bị bắt ngày 02/4", "ARRESTED"), ("mới bị khởi tố", "ARRESTED"),
])
def test_a_note_tells_what_the_status_should_say(note: str, says: str) -> None:
    assert SAYING_CODES[note_says(note)] == says


@pytest.mark.parametrize("note", [
    None, "", 5.0, "hoàn cảnh khó khăn", "chưa được xóa án tích", "không chuyển đi đâu", "bố đã mất", "vợ đã chết", "đã mất việc",
    "đã mất CCCD", "đi làm ăn xa",
], ids=repr)
def test_other_notes_say_nothing_of_the_kind(note: object) -> None:
    assert note_says(note) == -1
