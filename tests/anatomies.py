"""Sheets as staff really make them, drawn row by row with what each row is: the structures of real workbooks, people invented."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from pipeline.anatomy.survey import survey_sheet
from pipeline.anatomy.values import Kind, Survey
from pipeline.demo.people import Identity, People
from pipeline.raw import Cell

T, H, N, D, S = Kind.TITLE, Kind.HEADER, Kind.NUMBERING, Kind.DATA, Kind.SECTION
BLANK, FOOTER, TOTAL, PREPARED, ZEROS = Kind.BLANK, Kind.FOOTER, Kind.TOTAL, Kind.PREPARED, Kind.ZEROS
NO_SERIAL, CONTINUATION = Kind.NO_SERIAL, Kind.CONTINUATION
HAMLETS = ("Đông", "Tây", "Nam Thành", "Bắc Hồng", "Trại Chuối", "Lò Rèn", "Bến Đình")


@dataclass
class Drawn:
    """A sheet, and the truth about it."""

    rows: list[list[Cell]] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)

    def put(self, kind: Kind, *cells: Cell, at: int = 0, merge: Sequence[tuple[int, int]] = (), down: Iterable[int] = (),
            deep: int = 2) -> int:
        """Add a row; `merge`: first and last column (from 1), `down`: columns merged with the rows below. Return its Excel row."""
        self.rows.append([""] * at + list(cells))
        self.kinds.append(kind)
        row = len(self.rows)
        self.merges += [(row, first, row, last) for first, last in merge]
        self.merges += [(row, column, row + deep - 1, column) for column in down]
        return row

    def blank(self, count: int = 1) -> None:
        """Add blank rows."""
        for _ in range(count):
            self.put(BLANK)

    def grid(self, width: int = 0) -> list[list[Cell]]:
        """Return the rows, equally long."""
        wide = max(width, *(len(row) for row in self.rows))
        return [row + [""] * (wide - len(row)) for row in self.rows]

    def surveys(self, units: Sequence[str] = (), width: int = 0) -> tuple[Survey, ...]:
        """Survey the sheet."""
        return survey_sheet(self.grid(width), self.merges, frozenset(self.hidden), units)

    def survey(self, units: Sequence[str] = (), width: int = 0) -> Survey:
        """Survey the sheet, which has one table."""
        found = self.surveys(units, width)
        assert len(found) == 1, [(one.first_row, one.last_row, one.columns) for one in found]
        return found[0]


def kinds_of(drawn: Drawn, surveys: Sequence[Survey]) -> list[tuple[int, str, str]]:
    """Return (row, truth, found) where a survey is wrong; trailing blank rows belong to no survey."""
    found = {row: kind for one in surveys for row, kind in enumerate(one.kinds, start=one.first_row)}
    truth = dict(enumerate(drawn.kinds, start=1))
    return [(row, str(kind), str(found.get(row))) for row, kind in truth.items()
            if found.get(row, BLANK) is not kind]


def crowd(count: int, seed: int = 0) -> list[Identity]:
    """Return invented people."""
    people = People(random.Random(seed))
    return [people.invent(date(2020, 1, 1)) for _ in range(count)]


def day(value: date) -> datetime:
    """Return a date as the reader gives it."""
    return datetime.combine(value, time())


def motto(drawn: Drawn, office: str = "ỦY BAN NHÂN DÂN XÃ HỢP ĐỨC", width: int = 10) -> None:
    """Draw the head of an official paper."""
    half = max(width // 2, 2)
    drawn.put(T, office, *[""] * (half - 1), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", merge=[(1, half), (half + 1, max(width, half + 2))])
    drawn.put(T, *[""] * half, "Độc lập - Tự do - Hạnh phúc", merge=[(half + 1, max(width, half + 2))])


def sign(drawn: Drawn, width: int = 10) -> None:
    """Draw what stands below a list."""
    gap = [""] * max(width - 5, 1)
    drawn.put(FOOTER, "", "", *gap, "Hợp Đức, ngày 06 tháng 5 năm 2024")
    drawn.put(FOOTER, "", "NGƯỜI LẬP BIỂU", *gap, "TM. ỦY BAN NHÂN DÂN")
    drawn.put(FOOTER, "", "(Ký, ghi rõ họ tên)", *gap, "CHỦ TỊCH")
    drawn.blank(3)
    drawn.put(FOOTER, "", "Nguyễn Thị Mẫu", *gap, "Trần Văn Mẫu")


def register(count: int = 3095) -> Drawn:
    """1: a commune's register: columns inserted left and right, a total that is only text, the hamlet inside the address."""
    drawn, rng = Drawn(), random.Random(1)
    drawn.put(T, "", "UBND XÃ ..............", merge=[(2, 5)])
    drawn.put(T, "", "", "", "", "DANH SÁCH NGƯỜI CHẤP HÀNH XONG HÌNH PHẠT TÙ VỀ CƯ TRÚ TẠI ĐỊA PHƯƠNG", merge=[(5, 14)])
    drawn.put(T, "", "", "", "", "Thôn: ......................  Xã: ......................", merge=[(5, 14)])
    drawn.put(T, "", "", "", "", "(Tính đến ngày ...../...../20....)", merge=[(5, 14)])
    drawn.blank()
    top = ["TT hộ", "STT", "Họ và tên (1)", "Ngày tháng năm sinh (2&3)", "", "Số CCCD/CMND (4)", "Nơi đăng ký\nthường trú (6)",
           "Diện đối tượng (ghi theo mã số từ 1-3)", "Ngày ra trại", "Ngày về\nđịa phương *", "Việc làm hiện nay", "Ghi chú"]
    drawn.put(H, *top, merge=[(4, 5)], down=[1, 2, 3, *range(6, 13)])
    drawn.put(H, "", "", "", "Nam", "Nữ")
    drawn.put(N, "", *(f"({number})" for number in range(1, 12)))
    serial = 0
    for number, one in enumerate(crowd(count)):
        serial = number + 1 if number < count - 5 else number - 3
        birth = [day(one.birth), ""] if one.sex == "M" else ["", day(one.birth)]
        hamlet = rng.choice(HAMLETS)
        address = rng.choice(("Thôn {} , xã Hợp Đức", "{}, xã Hợp Đức", "thôn {}, Hợp Đức", "THÔN {}")).format(hamlet)
        extra = ["x", "đã rà"] if number % 7 == 0 else []
        drawn.put(D, float(number // 4 + 1) if number % 4 == 0 else "", float(serial), one.full_name, *birth, one.citizen_id, address,
                  rng.choice((1.0, 2.0, "3", "x")), "15/04/2022", day(date(2022, 4, 20)), rng.choice(("Thợ xây", "x", "không")), "", *extra)
    drawn.put(TOTAL, f"Tổng cộng: {count // 4} Hộ, {count} Người")
    drawn.blank()
    sign(drawn, 12)
    return drawn


def hamlet_report() -> Drawn:
    """2a: the register's summary: serials 1, 2, 3 with a, b, c and unnumbered "- Nam" lines, numbering A B C D E."""
    drawn = Drawn()
    motto(drawn, "CÔNG AN XÃ HỢP ĐỨC", 5)
    drawn.blank()
    drawn.put(T, "BÁO CÁO TỔNG HỢP THÁNG 5 NĂM 2024", merge=[(1, 5)])
    drawn.put(H, "STT", "Nội dung", "Đơn vị tính", "Số liệu", "Ghi chú")
    drawn.put(N, "A", "B", "C", "D", "E")
    lines: list[tuple[Cell, str, float]] = [
        (1.0, "Tổng số người đang quản lý", 12.0), ("", "- Nam", 10.0), ("", "- Nữ", 2.0), ("a", "Chấp hành xong án", 7.0),
        ("b", "Đặc xá", 3.0), ("c", "Tha tù trước thời hạn", 2.0),
        (2.0, "Có việc làm", 6.0), ("", "- Thợ xây", 3.0), (3.0, "Được vay vốn", 1.0)]
    for serial, text, number in lines:
        drawn.put(D if serial != "" else NO_SERIAL, serial, text, "Người", number)
    drawn.blank(1)
    drawn.put(FOOTER, "", "Người lập biểu", "", "TRƯỞNG CÔNG AN XÃ")
    return drawn


def district_report() -> Drawn:
    """2b: communes by figures, two header rows, a total on top."""
    drawn = Drawn()
    motto(drawn, "UBND HUYỆN TÂN YÊN", 8)
    drawn.put(T, "TỔNG HỢP TOÀN HUYỆN", merge=[(1, 8)])
    drawn.put(T, *[""] * 6, "Đơn vị tính: Người")
    drawn.put(H, "TT", "Đơn vị", "Tổng số", "Chia ra theo diện", "", "", "Có việc làm", "Ghi chú", merge=[(4, 6)], down=[1, 2, 3, 7, 8])
    drawn.put(H, "", "", "", "Chấp hành xong", "Đặc xá", "Tha tù")
    drawn.put(N, "A", "B", "1=2+3+4", 2.0, 3.0, 4.0, 5.0, 6.0)
    drawn.put(TOTAL, "", "TỔNG CỘNG", 30.0, 20.0, 6.0, 4.0, 12.0)
    for number, name in enumerate(("Xã Hợp Đức", "Xã Phúc Hòa", "Thị trấn Cao Thượng"), start=1):
        drawn.put(D, float(number), name, 10.0, 6.0, 2.0, 2.0, 4.0)
    drawn.blank()
    drawn.put(FOOTER, "", "NGƯỜI TỔNG HỢP", "", "", "", "CHỦ TỊCH")
    return drawn


def typed_below(people: int = 261) -> Drawn:
    """3: ten numbered rows left empty, the people typed below them without numbers, zeros of formulas below."""
    drawn = Drawn()
    drawn.put(T, "DANH SÁCH ĐỐI TƯỢNG")
    drawn.put(H, "STT", "Họ và tên", "Ngày sinh", "Giới tính", "Diện", "Ngày ra trại", "Ghi chú")
    for number in range(10):
        drawn.put(PREPARED, float(number + 1))
    for number, one in enumerate(crowd(people, 3)):
        style: Sequence[Cell] = (f"{one.birth:%d/%m/%Y}", f"{one.birth.day}/{one.birth.month}/{one.birth.year}", float(25000 + number),
                                 day(one.birth))
        drawn.put(NO_SERIAL, "", one.full_name, style[number % 4], "Nam" if one.sex == "M" else "Nữ", "Đặc xá", style[(number + 1) % 3])
    for _ in range(12):
        drawn.put(ZEROS, "", 0.0, datetime(1899, 12, 31), 0.0, 0.0, time(0), "")
    return drawn


def help_sheet() -> Drawn:
    """3b: a sheet of instructions: no table."""
    drawn = Drawn()
    for text in ("HƯỚNG DẪN ĐIỀN", "Bước 1: ghi họ tên, ngày sinh của từng người.", "Bước 2: lưu lại.", "Chú ý: không xóa dòng."):
        drawn.put(Kind.UNREAD, text)
    return drawn


def two_parts() -> Drawn:
    """4: the serial numbers begin again in the second part."""
    drawn = Drawn()
    drawn.put(H, "TT", "Họ tên", "Năm sinh", "Nơi ở hiện nay", "Ngày về địa phương")
    for part in range(2):
        for number, one in enumerate(crowd(6, 4 + part), start=1):
            drawn.put(D, str(number) if part else float(number), one.full_name, float(one.birth.year), "Thôn Đông", "01/03/2023")
    return drawn


def broken_serial_header() -> Drawn:
    """5: S⏎T⏎T, and columns numbered 1..6, 10."""
    drawn = Drawn()
    drawn.put(T, "", "", "DANH SÁCH")
    drawn.put(H, "S\nT\nT", "Họ  và tên", "Sinh\nnăm", "Giới Tính", "Diện", "Ngày ra trại ", "Ghi chú*")
    drawn.put(N, *map(float, range(1, 7)), 10.0)
    for number, one in enumerate(crowd(8, 5), start=1):
        drawn.put(D, float(number), one.full_name, float(one.birth.year), "Nam", "CHX", "2/9/2022")
    return drawn


def by_wards() -> Drawn:
    """6: sections with their counts, and a text total that closes."""
    drawn = Drawn()
    drawn.put(T, "DANH SÁCH CÁC ĐƠN VỊ", merge=[(1, 4)])
    drawn.put(H, "STT", "Tên đơn vị", "Diện tích", "Ghi chú")
    for marker, what, count in (("I", "PHƯỜNG — 14 phường", 14), ("II", "XÃ — 3 xã", 3)):
        drawn.put(S, f"{marker}. {what}", merge=[(1, 4)])
        for number in range(count):
            drawn.put(D, float(number + 1), f"{'Phường' if marker == 'I' else 'Xã'} {HAMLETS[number % 7]} {number}", 12.5, "")
    drawn.put(TOTAL, "Tổng cộng: 17 đơn vị (14 phường, 3 xã)")
    return drawn


def version(titles: int, serial: str, columns: int) -> Drawn:
    """7: one list with 0, 1 or 2 title rows, STT or TT, 7 or 9 columns."""
    drawn = Drawn()
    for text in ("UBND XÃ HỢP ĐỨC", "Danh sách tháng 5/2024")[:titles]:
        drawn.put(T, text)
    drawn.put(H, *[serial, "Họ và tên", "Ngày sinh", "Giới tính", "Diện", "Ngày ra trại", "Ngày về", "Điện thoại", "Địa chỉ"][:columns])
    for number, one in enumerate(crowd(9, 7), start=1):
        cells: list[Cell] = [float(number), one.full_name, day(one.birth), "Nam", "Đặc xá", "1/1/2023", "2/1/2023", "091200000", "Đông"]
        drawn.put(D, *cells[:columns])
    return drawn


def blank_form() -> Drawn:
    """8: an official form, not filled: three header rows, columns numbered (1)..(21), letter sections, dotted lines."""
    drawn = Drawn()
    motto(drawn, "TÊN CƠ QUAN", 21)
    drawn.put(T, "Biểu số: 01/THNCĐ", *[""] * 18, "Đơn vị tính: Người")
    names = ["STT", "Đơn vị", "Tổng số", *(f"Chỉ tiêu {letter}" for letter in "abcdefghijklmnopqr")]
    drawn.put(H, *names[:3], "Chia ra", *[""] * 8, "Trong đó", merge=[(4, 12), (13, 21)], down=[1, 2, 3], deep=3)
    drawn.put(H, "", "", "", "Nhóm một", "", "", "Nhóm hai", *[""] * 5, "Nhóm ba", merge=[(4, 6), (7, 12), (13, 21)])
    drawn.put(H, "", "", "", *names[3:])
    drawn.put(N, *(float(-number) for number in range(1, 22)))
    for letter in "ABC":
        drawn.put(S, letter, f"Nhóm đơn vị {letter}")
        drawn.put(PREPARED, 1.0, "...........", "....", "....")
        drawn.put(PREPARED, "", "……………", "…", "…")
    drawn.put(TOTAL, "", "Tổng cộng A+B+C")
    drawn.blank()
    sign(drawn, 21)
    return drawn


def lookups_without_people(rows: int = 553) -> tuple[Drawn, int]:
    """9: a template filled with lookups that find nothing (the reader gives ""), in a sheet that claims 2,934 columns."""
    drawn = Drawn()
    drawn.put(T, "DANH SÁCH")
    drawn.put(H, "STT", "Họ và tên", "Ngày sinh", "Giới tính", "Diện", "Ngày ra trại", *(f"Thông tin {number}" for number in range(24)))
    while len(drawn.rows) < rows:
        drawn.put(PREPARED, float(len(drawn.rows) - 1), *[""] * 29)
    return drawn, 2934


def plan() -> Drawn:
    """10: a plan drawn in cells: names in a grid, numbers above and below."""
    drawn = Drawn()
    people = iter(crowd(60, 10))
    for row in range(10):
        drawn.put(Kind.UNREAD, *map(float, range(row * 6 + 1, row * 6 + 7)))
        drawn.put(Kind.UNREAD, *(next(people).full_name for _ in range(6)))
    return drawn


STRUCTURES: dict[str, Callable[[], Drawn]] = {
    "register": lambda: register(400), "hamlet report": hamlet_report, "district report": district_report, "typed below": typed_below,
    "two parts": two_parts, "broken serial header": broken_serial_header, "by wards": by_wards, "blank form": blank_form,
    **{f"version {titles} {serial} {columns}": (lambda titles=titles, serial=serial, columns=columns: version(titles, serial, columns))
       for titles in range(3) for serial in ("STT", "TT") for columns in (7, 9)},
}
