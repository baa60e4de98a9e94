"""Columns that only other registers have: work, organisations and births in free text or in pairs of columns."""

from __future__ import annotations

import re
from datetime import date

import pytest
from intake import SPEAKER

from pipeline.form import load_form
from pipeline.raw import Cell
from pipeline.tidy.birth_by_sex import BirthBySex, birth_by_sex
from pipeline.tidy.codes import NO_CODE
from pipeline.tidy.orgs_text import parse_orgs
from pipeline.tidy.phrases import Phrases, words_of
from pipeline.tidy.told import Issue
from pipeline.tidy.work_text import WorkReader

FORM = load_form()
READER = WorkReader(FORM)


def read_work(cell: Cell) -> tuple[str, str]:
    """Return employment status and occupation as one reads them in the tables."""
    work = READER.read(cell)
    return tuple("" if at == NO_CODE else FORM.codes(name)[at]  # type: ignore[return-value]
                 for name, at in (("employment_status", work.employment), ("occupation", work.occupation)))


# Work.


@pytest.mark.parametrize(("cell", "employment", "occupation"), [
    ("Thợ xây", "EMPLOYED", "MASON"), ("thợ mộc", "EMPLOYED", "CARPENTER"), ("tho moc", "EMPLOYED", "CARPENTER"),
    ("Lao động tự do", "UNSTABLE", "FREELANCE"), ("LĐTD", "UNSTABLE", "FREELANCE"), ("làm thuê", "UNSTABLE", "FREELANCE"),
    ("Thợ xây, ổn định", "STABLE", "MASON"), ("công nhân may KCN, ổn định", "STABLE", "FACTORY"),
    ("Lái xe tải - ổn định", "STABLE", "DRIVER"),
    ("thợ xây không ổn định", "UNSTABLE", "MASON"), ("làm ruộng, lúc có lúc không", "UNSTABLE", "FARMING"),
    ("làm ruộng theo thời vụ", "UNSTABLE", "FARMING"), ("Có việc làm, thợ hàn", "EMPLOYED", "MECHANIC"),
    ("Có việc làm ổn định: thợ xây", "STABLE", "MASON"),
    ("Thợ xây ở Hà Nội", "EMPLOYED", "MASON"), ("thợ xây tự do", "EMPLOYED", "MASON"), ("Thợ mộc, làm ruộng", "EMPLOYED", "CARPENTER"),
    ("ở nhà làm ruộng", "EMPLOYED", "FARMING"), ("buôn bán nhỏ tại chợ", "EMPLOYED", "TRADE"), ("Nông ngiệp", "EMPLOYED", "FARMING"),
    ("bán vé số", "EMPLOYED", "OTHER"), ("Thợ điện nước", "EMPLOYED", "OTHER"),
    ("x", "EMPLOYED", ""), (" X ", "EMPLOYED", ""), ("có", "EMPLOYED", ""), ("c", "EMPLOYED", ""), ("đã có", "EMPLOYED", ""),
    ("đi làm ăn xa", "EMPLOYED", ""), ("Có việc làm ổn định", "STABLE", ""), ("thời vụ", "UNSTABLE", ""),
    ("không", "NONE", ""), ("Khg", "NONE", ""), ("chưa", "NONE", ""), ("Chưa có việc", "NONE", ""), ("thất nghiệp", "NONE", ""),
    ("ở nhà", "NONE", ""), ("Ở nhà, chưa có việc làm", "NONE", ""), ("hiện nay chưa có việc gì làm", "NONE", ""),
    ("Chưa xin được việc làm", "NONE", ""), ("mất việc, đang tìm việc", "NONE", ""),
    ("già yếu, ốm đau", "UNABLE", ""), ("Không còn khả năng lao động", "UNABLE", ""), ("học sinh", "STUDYING", ""),
    (None, "", ""), ("", "", ""), ("-", "", ""), ("…", "", ""),
])
def test_free_text_about_work_gives_status_and_occupation(cell: Cell, employment: str, occupation: str) -> None:
    assert read_work(cell) == (employment, occupation)
    assert {issue.code for issue in READER.read(cell).issues} <= {"value_understood"}


@pytest.mark.parametrize("cell", [
    "Không có việc làm ổn định", "trước đây làm thợ xây", "đã nghỉ thợ xây", "không làm thợ xây nữa", "chưa làm công nhân", "không rõ",
    "chưa biết làm gì", "bệnh, không làm được", "nội trợ", "cai nghiện", "đang học nghề sửa xe", "đi tù", "Ông Ba", "?", 7.0,
], ids=repr)
def test_text_that_speaks_of_the_past_or_against_itself_or_of_nothing_known_is_unknown_and_said(cell: Cell) -> None:
    assert read_work(cell) == ("", "")
    assert [issue.code for issue in READER.read(cell).issues] == ["code_unknown"]


def test_work_that_was_concluded_from_an_occupation_is_said_in_words_of_the_lists() -> None:
    assert READER.read("Thợ xây ở xã Mẫu").issues == (Issue("value_understood", (("what", "nghề “Thợ xây” là “Có việc làm”"),)),)
    assert READER.read("Có việc làm").issues == ()


# Organisations.


@pytest.mark.parametrize(("cell", "codes"), [
    ("Hội PN, Đoàn TN và CCB", "VETERANS WOMEN YOUTH"), ("Hội Liên hiệp Phụ nữ", "WOMEN"), ("Hội LHPN xã", "WOMEN"), ("HPN", "WOMEN"),
    ("hoi phu nu xa", "WOMEN"), ("HOI LHPN; DOAN TNCS HCM", "WOMEN YOUTH"), ("ĐTN", "YOUTH"), ("Đoàn TN + Hội NCT", "ELDERLY YOUTH"),
    ("HCCB", "VETERANS"), ("Hội Cựu chiến binh/Người cao tuổi", "ELDERLY VETERANS"), ("Hội ND", "FARMERS"), ("HND", "FARMERS"),
    ("Chi hội nông dân thôn Mẫu", "FARMERS"), ("PN, TN, ND", "FARMERS WOMEN YOUTH"), ("MTTQ", "FRONT"), ("Ban CTMT thôn", "FRONT"),
    ("UB MTTQ xã", "FRONT"), ("Hội Chữ thập đỏ", "OTHER"), ("Hội CTĐ", "OTHER"), ("Chi bộ, Tổ tự quản", "PARTY_CELL SELF_HELP"),
    ("Công an xã", "POLICE"), ("CAX", "POLICE"), ("CA xã & UBND xã", "COMMITTEE POLICE"), ("CA, PN", "POLICE WOMEN"),
    ("- Hội ND\n- MTTQ", "FARMERS FRONT"), ("Gia đình", "FAMILY"), ("Ho\u0323\u0302i Phu\u0323 nu\u031b\u0303", "WOMEN"),
    ("Công an ND xã", "POLICE"),
    ("không", ""), ("Chưa", ""), ("-", ""), (None, ""), ("Chưa được tổ chức nào giúp đỡ", ""), ("không có ai", ""),
])
def test_a_text_names_its_organisations(cell: Cell, codes: str) -> None:
    assert parse_orgs(cell) == (frozenset(codes.split()), ())


@pytest.mark.parametrize(("cell", "codes"), [("các ban ngành, đoàn thể", ""), ("Các ban, ngành, đoàn thể xã", ""), ("Đoàn thể", ""),
                                             ("Hội Phụ nữ và các đoàn thể", "WOMEN"), ("x", ""), ("có", ""),
                                             ("chính quyền địa phương", "")])
def test_a_text_that_names_nobody_gives_no_organisation_and_is_said(cell: Cell, codes: str) -> None:
    assert parse_orgs(cell) == (frozenset(codes.split()), (Issue("orgs_unnamed"),))


@pytest.mark.parametrize(("cell", "codes"), [
    ("ND", ""), ("TN", ""), ("CA", ""), ("?", ""), ("HĐND xã", ""), ("thanh niên xung phong", ""), ("đoàn kết", ""),
    ("cả thôn", ""),
    ("Nguyễn Văn Ca", ""), ("chưa có Hội PN giúp", ""), ("Hội PN, ông Mẫu", "WOMEN"), ("Hội PN, chưa có Đoàn TN", "WOMEN"),
    ("Hội Khuyến học", ""), (7.0, ""),
])
def test_a_part_that_denies_or_names_nothing_known_is_not_counted_and_is_said(cell: Cell, codes: str) -> None:
    assert parse_orgs(cell) == (frozenset(codes.split()), (Issue("orgs_unclear"),))


def test_a_short_no_is_understood_and_said() -> None:
    assert parse_orgs("Khg") == (frozenset(), (Issue("value_understood", (("what", "“khg” là “không”"),)),))


# Birth and sex in two columns.


@pytest.mark.parametrize(("man", "woman", "found"), [
    ("1985", None, BirthBySex("1985", "M")), (None, "20/10/1985", BirthBySex("20/10/1985", "F")), ("", 1985.0, BirthBySex(1985.0, "F")),
    (date(1985, 10, 20), "", BirthBySex(date(1985, 10, 20), "M")), ("1985", "x", BirthBySex("1985", "M")),
    ("-", "1985", BirthBySex("1985", "F")), ("không", "1985", BirthBySex("1985", "F")), ("hôm qua", None, BirthBySex("hôm qua", "M")),
    ("x", None, BirthBySex(sex="M")), (None, "x", BirthBySex(sex="F")), (None, None, BirthBySex()), ("", "-", BirthBySex()),
    ("1985", "1986", BirthBySex(issues=(Issue("birth_both_columns"),))), ("x", "x", BirthBySex(issues=(Issue("birth_both_columns"),))),
    ("20/10/1985", date(1985, 10, 20), BirthBySex("20/10/1985", issues=(Issue("birth_both_columns"),))),
], ids=repr)
def test_the_column_that_is_filled_tells_the_sex(man: Cell, woman: Cell, found: BirthBySex) -> None:
    assert birth_by_sex(man, woman) == found


# Phrases, and the words of the findings.


def test_the_longest_phrase_counts_and_marks_tell_words_apart() -> None:
    phrases = Phrases({"công an": "police", "công an nhân dân": "army", "chi bộ": "cell"})
    assert [one.meaning for one in phrases.find(words_of("Công an, công an nhân dân; CHI BO, chị bộ"))] == ["police", "army", "cell"]


@pytest.mark.parametrize("code", ["orgs_unnamed", "orgs_unclear", "birth_both_columns"])
def test_what_is_said_of_such_columns_is_a_warning_without_a_value(code: str) -> None:
    wording = SPEAKER.catalogue.wordings[code]
    assert wording.severity == "warning"
    assert set(re.findall(r"{(\w+)}", wording.message)) == {"row", "column"}
