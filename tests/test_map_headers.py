"""Which column of a foreign table is which column of the form: what is understood, how, and what never is."""

from __future__ import annotations

import unicodedata

import pytest

from pipeline.anatomy.guess import guess_sheet
from pipeline.anatomy.lexicon import OTHER, load_aliases
from pipeline.anatomy.map_headers import FAMILY_NAME, PSEUDO_KEYS, HeaderMap, map_headers
from pipeline.anatomy.values import HeaderColumn
from pipeline.anatomy.words import is_serial_header
from pipeline.form import Sheet, load_form
from pipeline.text import fold

FORM = load_form()
PEOPLE = FORM.sheet["people"]
SHEETS = [sheet for sheet in FORM.sheets if sheet.key not in ("guide", "info", "lists")]
WORK = {"employment_status", "occupation"}


def columns(*headers: str) -> list[HeaderColumn]:
    """Return columns from paths written with " > "; an empty header is a column without one."""
    return [HeaderColumn(at, tuple(part for part in header.split(" > ") if part)) for at, header in enumerate(headers)]


def understood(*headers: str, sheet: Sheet = PEOPLE) -> HeaderMap:
    return map_headers(columns(*headers), sheet)


def keys(*headers: str, sheet: Sheet = PEOPLE) -> list[str]:
    found = understood(*headers, sheet=sheet)
    return [found.keys.get(at, "") for at in range(len(headers))]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.key)
def test_the_form_s_own_headers_are_understood_exactly(sheet: Sheet) -> None:
    found = understood(*(column.header for column in sheet.columns), sheet=sheet)
    assert list(found.keys.values()) == [column.key for column in sheet.columns]
    assert set(found.how.values()) == {"exact"}
    assert (found.ambiguous, found.unknown, found.left_out) == ({}, {}, {})


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.key)
def test_the_form_s_own_headers_are_understood_without_diacritics(sheet: Sheet) -> None:
    found = understood(*(fold(column.header) for column in sheet.columns), sheet=sheet)
    assert {column.key for column in sheet.columns} - set(found.keys.values()) == set()
    assert found.unknown == {}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.key)
def test_every_alias_of_the_form_has_one_with_diacritics(sheet: Sheet) -> None:
    toned = {(alias.key, fold(alias.alias)) for alias in load_aliases() if alias.sheet == sheet.key}
    plain = {(column.key, fold(name)) for column in sheet.columns for name in column.aliases if not is_serial_header(name)}
    assert {(key, name) for key, name in plain - toned if name != fold(sheet.by_key[key].header)} == set()


def test_every_alias_has_a_sheet_a_key_and_one_meaning() -> None:
    seen: dict[tuple[str, str], str] = {}
    for alias in load_aliases():
        if alias.sheet != OTHER:
            assert alias.key in {*FORM.sheet[alias.sheet].by_key, *PSEUDO_KEYS, FAMILY_NAME}, alias
        name = " > ".join(map(fold, alias.alias.split(">")))
        assert seen.setdefault((alias.sheet, name), alias.key) == alias.key, alias


@pytest.mark.parametrize("alias", [one for one in load_aliases() if one.sheet != OTHER], ids=lambda one: f"{one.sheet} {one.alias}")
def test_every_alias_is_understood_as_written_and_without_diacritics(alias: object) -> None:
    sheet, key, text, _ = alias  # type: ignore[misc]
    expected = {"work_text"} if key in WORK else {"address"} if key == "permanent_address" else {key}
    for written in (text, text.upper(), unicodedata.normalize("NFD", text), fold(text) if ">" not in text else text):
        found = understood(written, sheet=FORM.sheet[sheet])
        assert set(found.keys.values()) == (expected - {FAMILY_NAME}), written
        assert not found.unknown


@pytest.mark.parametrize(("header", "key", "how"), [
    ("Họ và tên", "full_name", "exact"), ("HỌ VÀ TÊN", "full_name", "tone"), ("Họ và tên (1)", "full_name", "exact"),
    ("Họ và tên *", "full_name", "exact"), ("Họ\nvà  tên", "full_name", "exact"), ("Họ Tên", "full_name", "alias"),
    ("Ho va ten", "full_name", "folded"), ("ho ten", "full_name", "folded"), ("hoten", "full_name", "alias"),
    ("Ngày sinh ", "birth", "alias"), ("Ngày sinh (ngày/tháng/năm)", "birth", "alias"),
    ("Ngày, tháng, năm sinh (định dạng dd/mm/yyyy)", "birth", "alias"),
    ("Ngay sinh", "birth", "folded"), ("ngaysinh", "birth", "alias"), ("gioitinh", "sex", "alias"), ("Gioi tinh", "sex", "folded"),
    ("Giới Tính", "sex", "tone"), ("CCCD", "citizen_id", "alias"), ("Số CMTND/ Hộ chiếu", "citizen_id", "alias"),
    ("cmnd", "citizen_id", "alias"),
    ("Số CCCD/CMND (4)", "citizen_id", "alias"), ("CMTND/ Hộ chiếu/ Thẻ căn cước", "citizen_id", "alias"), ("S\nT\nT", "stt", "alias"),
    (" Số\nTT", "stt", "alias"), ("TT", "stt", "alias"), ("No", "stt", "alias"), ("4. Giới tính", "sex", "alias"),
    ("Ngày ra trại", "release_date", "alias"), ("Ngày hết thời gian thử thách", "probation_end_date", "exact"),
    ("Ngày rà soát xoá án tích", "expunge_review_date", "alias"), ("Ngày đến hạn rà soát xoá án tích", "expunge_review_date", "tone"),
    ("Ngày, tháng, năm được đặc xá", "release_date", "alias"), ("Ngày tháng năm về địa phương", "return_date", "alias"),
    ("Thôn", "hamlet", "alias"), ("Thôn/TDP", "hamlet", "alias"), ("Địa chỉ / Nơi ở", "address", "alias"),
    ("Nơi đăng ký thường trú (6)", "address", "alias"), ("Tổ chức giúp đỡ", "orgs_text", "alias"), ("Việc làm", "work_text", "alias"),
    ("Tình trạng việc làm", "employment_status", "exact"), ("Nghề nghiệp", "work_text", "exact"),
    ("Diện đối tượng (ghi theo mã số từ 1-4)", "release_type", "alias"), ("GHI CHÚ", "note", "tone"), ("Ghi chu", "note", "folded"),
])
def test_real_spellings_are_understood_and_it_is_said_how(header: str, key: str, how: str) -> None:
    found = understood(header)
    assert (found.keys.get(0), found.how.get(0)) == (key, how)


@pytest.mark.parametrize("header", ["Hộ tên", "Hộ và tên", "Hồ và tên", "Nghèo nghiệp", "Giới tỉnh", "Ngày sinh sống", "Nợ", "Cộng ty",
                                    "Nam", "Năm", "Máu", "Mẫu", "Ghì chú", "Điện", "Thọn", "Bán", "Áp", "Dien tich", "Ho ngheo 2"])
def test_words_that_only_folding_would_join_are_not_joined(header: str) -> None:
    assert understood(header).keys == {}


def test_a_month_s_year_and_a_man_are_not_one() -> None:
    assert keys("Năm sinh > Nam", "Năm sinh > Nữ", "Năm") == ["birth_male", "birth_female", ""]
    assert keys("Nam sinh > Nam", "Nam sinh > Nu") == ["birth_male", "birth_female"]
    assert keys("Ngày tháng năm sinh (2&3) > Nam", "Ngày tháng năm sinh (2&3) > Nữ") == ["birth_male", "birth_female"]
    assert keys("Thông tin > Năm sinh > Nam", "Thông tin > Năm sinh > Nữ") == ["birth_male", "birth_female"]
    assert keys("Giới tính > Nam", "Giới tính > Nữ") == ["sex_male", "sex_female"]
    assert keys("Nam", "Nữ") == ["", ""]


@pytest.mark.parametrize("header", ["Tội danh", "Mức án (tháng)", "Thu nhập", "Số điện thoại", "Dân tộc", "Tên khác", "Quan hệ với chủ hộ",
                                    "Định dạng ngày sinh", "Hiện tại", "Cư trú", "Hộ nghèo", "TT hộ", "Nơi cấp", "Chủ hộ"])
def test_what_the_form_does_not_ask_for_is_known_and_left_out(header: str) -> None:
    found = understood("Họ và tên", header)
    assert (found.keys, found.unknown) == ({0: "full_name"}, {})
    assert found.left_out[1]


def test_two_columns_of_one_meaning_are_ambiguous_and_neither_is_taken() -> None:
    found = understood("Họ và tên", "Ngày ra trại", "Ngày đặc xá", "Ngày chấp hành xong/đặc xá/được tha")
    assert found.keys == {0: "full_name"}
    assert found.ambiguous == {"release_date": (1, 2, 3)}
    assert understood("Họ và tên", "Họ và tên").ambiguous == {"full_name": (0, 1)}


def test_a_name_in_two_columns_is_not_half_taken() -> None:
    for headers in (("Họ và tên > Họ đệm", "Họ và tên > Tên"), ("Họ và tên đệm", "Tên"), ("Họ và tên > Nam", "Họ và tên > Nữ")):
        assert understood(*headers).ambiguous == {"full_name": (0, 1)}
    whole = understood("Họ và chữ đệm", "Tên", "Họ và tên")
    assert (whole.keys, whole.left_out) == ({2: "full_name"}, {0: "family_name"})


def test_a_common_word_gives_way_to_a_telling_one() -> None:
    assert keys("Ghi chú", "Khác") == ["note", ""]
    assert keys("Khác") == ["note"]
    assert keys("Họ và tên", "Tên") == ["full_name", ""]


def test_a_last_text_speaks_before_the_path_and_the_path_before_its_parent() -> None:
    assert keys("Kết thúc quản lý > Ngày", "Kết thúc quản lý > Lý do") == ["end_date", "end_reason"]
    assert keys("Việc làm > Tình trạng", "Việc làm > Nghề nghiệp", "Việc làm > Ngày cập nhật") == [
        "employment_status", "occupation", "employment_updated"]
    assert keys("Tổ chức giúp đỡ > Hội LHPN", "Tổ chức giúp đỡ > Khác") == ["org_women", "org_other"]
    assert keys("Nghề nghiệp > (ghi rõ)", "Tình trạng việc làm > (ghi theo mã số)") == ["occupation", "employment_status"]
    assert keys("Thông tin > Họ và tên", "Thông tin > Biệt hiệu") == ["full_name", ""]
    assert keys("Ngày ra trại > Trại số 5", "Ngày ra trại > Ngày về địa phương") == ["", "return_date"]


def test_columns_that_only_their_parent_explains_are_ambiguous() -> None:
    found = understood("Họ và tên", "Tình trạng việc làm > Có", "Tình trạng việc làm > Không")
    assert found.ambiguous == {"employment_status": (1, 2)}


def test_work_is_free_text_only_where_one_column_speaks_of_it() -> None:
    assert keys("Việc làm hiện nay") == ["work_text"]
    assert keys("Việc làm hiện nay", "Nghề nghiệp") == ["employment_status", "occupation"]
    assert keys("Tình trạng việc làm", "Công việc") == ["employment_status", "occupation"]


def test_of_two_addresses_the_one_lived_at_is_the_address() -> None:
    assert keys("HKTT", "Nơi ở hiện nay") == ["permanent_address", "address"]
    assert keys("HKTT") == ["address"]
    assert understood("Nơi ở hiện nay", "Địa chỉ").ambiguous == {"address": (0, 1)}


def test_unknown_headers_come_with_the_two_nearest() -> None:
    found = understood("Họ và tê", "Zzzz", "", "Ngày về địa phuơng")
    assert found.keys == {}
    assert found.unknown[0][0] == "Họ và tên"
    assert found.unknown[1] == ()
    assert found.unknown[3][0] == "Ngày về địa phương"
    assert 2 not in found.unknown
    assert all(len(near) <= 2 for near in found.unknown.values())


def test_the_clerk_s_word_goes_before_everything() -> None:
    headers = columns("Họ và tên", "Nghề nghiệp", "Cột riêng", "Tên", "Ngày ra trại", "Ngày đặc xá")
    found = map_headers(headers, PEOPLE, {"Cột riêng": "return_date", "nghề nghiệp": "occupation", "Họ và tên": "full_name",
                                          "Ngày đặc xá": "", "Tên": "note"})
    assert found.keys == {0: "full_name", 1: "occupation", 2: "return_date", 3: "note", 4: "release_date"}
    assert found.how[1] == "fixed"
    assert found.left_out == {5: "fixed"}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.key)
def test_each_sheet_of_the_form_is_recognised_by_its_headers(sheet: Sheet) -> None:
    guess = guess_sheet(columns(*(column.header for column in sheet.columns)), FORM)
    assert (guess.sheet, guess.sure) == (sheet.key, True)
    assert guess.headers.sheet == sheet.key


@pytest.mark.parametrize(("headers", "sheet"), [
    (("STT", "Họ tên người vay", "Số tiền vay", "Ngày giải ngân", "Mục đích sử dụng"), "loans"),
    (("STT", "Họ và tên", "Ngày hỗ trợ", "Nội dung hỗ trợ", "Số tiền"), "support"),
    (("TT", "Tên mô hình", "Ngày thành lập", "Số thành viên"), "models"),
    (("TT", "Ngày tuyên truyền", "Hình thức tuyên truyền", "Số buổi", "Số lượt người"), "outreach"),
    (("TT", "Ngày tháng", "Nguồn kinh phí", "Nội dung chi", "Số tiền"), "funds"),
    (("STT", "Họ và tên", "Năm sinh", "Ngày ra trại"), "people"),
    (("STT", "Ngày", "Hình thức", "Ghi chú"), "outreach"),
    (("STT", "Tên hàng", "Đơn vị tính", "Số lượng"), ""), ((), ""),
])
def test_a_foreign_table_is_recognised_by_its_headers(headers: tuple[str, ...], sheet: str) -> None:
    assert guess_sheet(columns(*headers), FORM).sheet == sheet


def test_a_guess_is_sure_only_with_a_word_that_few_tables_have() -> None:
    assert guess_sheet(columns("Ngày", "Hình thức"), FORM)[:2] == ("outreach", False)
    assert guess_sheet(columns("Ngày", "Hình thức"), FORM, "SỔ TUYÊN TRUYỀN")[:2] == ("outreach", True)
    headers = columns("STT", "Họ và tên", "Ngày sinh", "Giới tính", "Địa chỉ")
    assert guess_sheet(headers, FORM)[:2] == ("people", False)
    assert guess_sheet(headers, FORM, "DANH SÁCH HỘ NGHÈO")[:2] == ("people", False)
    assert guess_sheet(headers, FORM, "Danh sách tái hoà nhập cộng đồng")[:2] == ("people", True)
    assert guess_sheet(columns("STT", "Họ và tên", "Ngày ra trại", "Năm sinh"), FORM)[:2] == ("people", True)
