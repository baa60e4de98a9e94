"""The form as shipped, and what a spoiled form is refused for."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.fault import SettingsFault
from pipeline.form import FORM_FOLDER, Form, load_form
from pipeline.text import fold

PEOPLE = """stt=STT|record_id=Mã hồ sơ|full_name*=Họ và tên|birth*=Ngày, tháng, năm sinh|sex*=Giới tính|citizen_id=Số CCCD
release_type*=Diện|release_date*=Ngày chấp hành xong/đặc xá/được tha|probation_end_date=Ngày hết thời gian thử thách
return_date*=Ngày về địa phương|employment_status*=Tình trạng việc làm|occupation=Nghề nghiệp
employment_updated=Ngày cập nhật việc làm|helper=Người/tổ chức được phân công giúp đỡ|org_women=Hội LHPN|org_youth=Đoàn TN
org_veterans=Hội CCB|org_elderly=Hội NCT|org_farmers=Hội ND|org_front=MTTQ|org_other=Tổ chức khác
expunge_review_date=Ngày đến hạn rà soát xóa án tích|reoffend_date=Ngày tái phạm/vi phạm|end_date=Ngày kết thúc quản lý
end_reason=Lý do kết thúc|note=Ghi chú"""
SHEETS = {
    "people": PEOPLE.replace("\n", "|"),
    "support": "record_id=Mã hồ sơ|person*=Họ và tên|support_date*=Ngày hỗ trợ|support_type*=Hình thức hỗ trợ|org*=Đơn vị hỗ trợ|"
               "amount=Số tiền (đồng)|note=Ghi chú",
    "loans": "record_id=Mã hồ sơ|person*=Họ và tên|loan_date*=Ngày vay|amount*=Số tiền vay (đồng)|purpose=Mục đích vay|"
             "program=Chương trình|lender=Nơi cho vay|settled_on=Ngày tất toán|note=Ghi chú",
    "outreach": "date=Ngày|from=Từ ngày|to=Đến ngày|per_week=Số buổi/tuần|channel*=Hình thức|sessions=Số buổi|"
                "participants=Số lượt người|note=Ghi chú",
    "models": "model_id=Mã mô hình|name*=Tên mô hình|model_type*=Loại mô hình|founded_on=Ngày thành lập|"
              "planned_by=Hạn hoàn thành|ended_on=Ngày kết thúc|"
              "members=Số thành viên|participants=Số người chấp hành xong án tham gia|note=Ghi chú",
    "funds": "date*=Ngày|source*=Nguồn|kind*=Loại|purpose=Nội dung|amount*=Số tiền (đồng)|note=Ghi chú",
    "info": "hamlet_id*=Mã thôn|hamlet_name*=Thôn|commune_id*=Mã xã|commune_name*=Xã|period*=Kỳ báo cáo|"
            "cutoff_date*=Ngày chốt số liệu|prepared_by=Người lập|prepared_on=Ngày lập",
}
"""Key, star where required, header: as the contract gives them."""
LISTS = {
    "sex": "M=Nam|F=Nữ",
    "release_type": "SERVED=Chấp hành xong án phạt tù|AMNESTY=Đặc xá|CONDITIONAL=Tha tù trước thời hạn có điều kiện",
    "employment_status": "STABLE=Có việc làm ổn định|UNSTABLE=Có việc làm không ổn định|EMPLOYED=Có việc làm|"
                         "NONE=Chưa có việc làm|UNABLE=Không còn khả năng lao động|STUDYING=Đang học",
    "occupation": "MASON=Thợ xây|CARPENTER=Thợ mộc|FREELANCE=Lao động tự do|FARMING=Nông nghiệp|FACTORY=Công nhân|"
                  "MECHANIC=Cơ khí, sửa chữa|DRIVER=Lái xe|TRADE=Buôn bán|SERVICE=Dịch vụ|FISHERY=Thủy sản|OTHER=Nghề khác",
    "end_reason": "EXPUNGED=Đã được xóa án tích|MOVED=Chuyển đi nơi khác|DIED=Đã chết|REOFFENDED=Phạm tội mới|OTHER=Khác",
    "support_type": "COUNSELLING=Trợ giúp tâm lý|LEGAL=Hỗ trợ thủ tục pháp lý|VOCATIONAL=Đào tạo nghề|"
                    "JOB_REFERRAL=Giới thiệu việc làm|MATERIAL=Hỗ trợ vật chất|VISIT=Thăm hỏi, động viên|OTHER=Khác",
    "org": "WOMEN=Hội Liên hiệp Phụ nữ|YOUTH=Đoàn Thanh niên|VETERANS=Hội Cựu chiến binh|ELDERLY=Hội Người cao tuổi|"
           "FARMERS=Hội Nông dân|FRONT=Mặt trận Tổ quốc|POLICE=Công an xã|COMMITTEE=UBND xã|PARTY_CELL=Chi bộ|"
           "SELF_HELP=Tổ tự quản|BUSINESS=Doanh nghiệp|FAMILY=Gia đình|OTHER=Tổ chức khác",
    "loan_purpose": "BUSINESS=Sản xuất, kinh doanh|TRAINING=Đào tạo nghề",
    "loan_program": "QD22=Quyết định 22/2023/QĐ-TTg|OTHER=Khác",
    "model_type": "M1=Quản lý, giáo dục (3+)|M2=Câu lạc bộ|M3=Hỗ trợ vay vốn, tư vấn, việc làm|M4=Lồng ghép",
    "channel": "LOUDSPEAKER=Loa truyền thanh|PARTY_CELL=Sinh hoạt chi bộ|MEETING=Hội nghị, họp thôn|SOCIAL_MEDIA=Mạng xã hội|"
               "LEAFLET=Tờ rơi, pano|DIALOGUE=Đối thoại, tư vấn|OTHER=Khác",
    "fund_source": "STATE=Ngân sách nhà nước|FUND=Quỹ|DONATION=Vận động, tài trợ|OTHER=Khác",
    "fund_kind": "PLANNED=Dự toán|RECEIVED=Được cấp|SPENT=Đã chi",
}


@pytest.fixture(scope="module")
def form() -> Form:
    return load_form()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the form to be spoiled."""
    return Path(shutil.copytree(FORM_FOLDER, tmp_path / "form"))


@pytest.mark.parametrize("key", SHEETS)
def test_a_sheet_has_the_columns_of_the_contract(form: Form, key: str) -> None:
    columns = "|".join(f"{c.key}{'*' if c.required else ''}={c.header}" for c in form.sheet[key].columns)
    assert columns == SHEETS[key]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_the_codes_of_the_contract(form: Form, name: str) -> None:
    assert "|".join(f"{code.code}={code.label}" for code in form.lists[name]) == LISTS[name]


def test_there_are_no_other_sheets_and_lists(form: Form) -> None:
    assert form.lists.keys() == LISTS.keys()
    assert {sheet.key for sheet in form.sheets if sheet.columns} == SHEETS.keys()
    assert [sheet.name for sheet in form.sheets] == ["Hướng dẫn", "Thông tin", "Danh sách", "Hỗ trợ", "Vay vốn", "Mô hình",
                                                     "Tuyên truyền", "Kinh phí", "Danh mục"]


def test_each_profile_has_its_own_sheets(form: Form) -> None:
    assert [sheet.key for sheet in form.data_sheets("hamlet")] == ["people", "support", "loans", "outreach"]
    assert [sheet.key for sheet in form.data_sheets("commune")] == ["models", "outreach", "funds"]


def test_columns_that_depend_on_others_say_so(form: Form) -> None:
    people = form.sheet["people"].by_key
    assert (people["probation_end_date"].required_if, people["occupation"].required_if, people["end_reason"].required_if) == (
        "release_type=CONDITIONAL", "employed", "end_date")


def test_what_is_deliberately_absent_is_absent(form: Form) -> None:
    keys = {column.key for sheet in form.sheets for column in sheet.columns}
    assert not keys & {"offence", "sentence", "sentence_months", "income", "address", "risk_group"}


def test_every_header_and_alias_means_one_column(form: Form) -> None:
    for sheet in form.sheets:
        for column in sheet.columns:
            assert sheet.by_header[fold(column.header)] == column.key


def test_breakdowns_and_parts_name_known_indicators(form: Form) -> None:
    partitions = dict.fromkeys(parent for parent, _ in form.partitions())
    assert list(partitions) == ["total", "employed", "models_total"]
    assert ("total", ("total_served", "total_amnesty", "total_conditional", "total_unspecified")) in list(form.partitions())
    assert ("total", "female") in list(form.parts())
    assert [i.key for i in form.indicators if not i.additive] == ["employed_rate"]


Line = Callable[[str], str]
SPOILED: list[tuple[str, str, Line, str]] = [
    ("codes.csv", "sex,F,", lambda line: line.replace("sex,F,", "sex,M,"), "mã M bị trùng"),
    ("codes.csv", "sex,F,", lambda line: line.replace("gái", "trai"), "“trai” có hai nghĩa"),
    ("codes.csv", "sex,F,", lambda line: line.replace(",2", ",hai"), "“hai” phải là số nguyên"),
    ("columns.csv", "people,sex,", lambda line: line.replace("people,sex,", "people,birth,"), "khóa birth bị trùng"),
    ("columns.csv", "people,sex,", lambda line: line.replace("code,sex,", "code,gender,"), "danh mục gender không có"),
    ("columns.csv", "people,sex,", lambda line: line.replace("code,sex,", "code,,"), "danh mục (trống) không có"),
    ("columns.csv", "people,note,", lambda line: line.replace("personal,,", "personal,sex,"), "danh mục sex không có"),
    ("columns.csv", "people,sex,", lambda line: line.replace("code,sex,", "choice,sex,"), "kiểu choice không có"),
    ("columns.csv", "people,sex,", lambda line: line.replace("people,", "persons,"), "sheet persons không có"),
    ("columns.csv", "people,sex,", lambda line: line.replace("gt|", "nam sinh|"), "“nam sinh” vừa là birth vừa là sex"),
    ("columns.csv", "people,sex,", lambda line: line.replace("Giới tính", "HỌ VÀ TÊN"),
     "“ho va ten” vừa là full_name vừa là sex"),
    ("columns.csv", "people,note,", lambda line: line.replace("24,Ghi", "rộng,Ghi"), "“rộng” phải là số nguyên"),
    ("sheets.csv", "loans,", lambda line: line.replace("loans,", "support,"), "sheet support bị trùng"),
    ("sheets.csv", "loans,", lambda line: line.replace("Vay vốn", "HO TRO"), "sheet loans bị trùng"),
    ("indicators.csv", "female,", lambda line: line.replace("female,", "total,"), "chỉ tiêu total bị trùng"),
    ("indicators.csv", "female,", lambda line: line.replace("total,trong_do", "totals,trong_do"), "chỉ tiêu cha totals không có"),
    ("indicators.csv", "female,", lambda line: line.replace("trong_do", "part_of"), "quan hệ của female phải là"),
    ("indicators.csv", "female,", lambda line: line.replace("trong_do", ""), "quan hệ của female phải là"),
    ("indicators.csv", "female,", lambda line: line.replace("hamlet", "village"), "nơi phát sinh của female phải là"),
    ("tables.csv", "by_hamlet,female,", lambda line: line.replace("female", "women"), "chỉ tiêu women không có"),
]


@pytest.mark.parametrize(("file", "start", "change", "why"), SPOILED, ids=[f"{s[0]}: {s[3]}" for s in SPOILED])
def test_a_spoiled_line_is_refused_by_file_and_number(copied: Path, file: str, start: str, change: Line, why: str) -> None:
    lines = (copied / file).read_text(encoding="utf-8-sig").splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith(start))
    assert change(lines[at]) != lines[at]
    lines[at] = change(lines[at])
    (copied / file).write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    with pytest.raises(SettingsFault) as caught:
        load_form(copied)
    assert f"Biểu mẫu {file}, dòng {at + 1}: " in str(caught.value)
    assert why in str(caught.value)


def test_a_missing_file_is_named(copied: Path) -> None:
    (copied / "codes.csv").unlink()
    with pytest.raises(SettingsFault, match=r"codes\.csv"):
        load_form(copied)


def test_an_untouched_copy_is_the_form(copied: Path, form: Form) -> None:
    assert load_form(copied) == form
