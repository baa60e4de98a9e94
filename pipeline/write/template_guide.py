"""Write the instruction sheet of the standard workbook from the form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.form import FORM_VERSION, Column, Form, Sheet
from pipeline.write.template_formats import LEGEND, Styles, height, protect, set_print
from pipeline.write.template_info import info_for

WIDTHS = (34, 36, 80, 34)
PURPOSES = {
    "hamlet": "Sổ này để thôn theo dõi người chấp hành xong hình phạt tù về địa phương và việc giúp đỡ họ tái hòa nhập. "
              "Xã lấy số liệu từ sổ này để lập báo cáo; báo cáo chỉ có con số, không có tên người.",
    "commune": "Sổ này để xã theo dõi mô hình, buổi tuyên truyền và kinh phí tái hòa nhập cộng đồng của xã. "
               "Số liệu về người do các thôn ghi trong sổ của thôn; xã không ghi lại ở đây.",
}
_SHARED = "Chỉ gửi và lưu qua thư mục dùng chung của cơ quan; không gửi qua Zalo, thư điện tử cá nhân."
PRIVACY = {
    "hamlet": f"Sổ này có dữ liệu cá nhân nhạy cảm. {_SHARED} Không để người không có trách nhiệm xem.",
    "commune": f"Không ghi tên người chấp hành xong án vào sổ này: đó là dữ liệu cá nhân nhạy cảm, chỉ ở sổ của thôn. {_SHARED}",
}
STEPS = (
    ("both", "Mở sheet Thông tin: mã và tên đơn vị đã điền sẵn. Mỗi tháng sửa Kỳ báo cáo và Ngày chốt số liệu để xác nhận."),
    ("both", "Mỗi việc chỉ ghi một lần, mỗi dòng một việc. Tháng sau dùng tiếp sổ này: ghi thêm dòng mới, sửa chỗ thay đổi."),
    ("hamlet", "Danh sách: mỗi người một dòng. Không xóa người đã thôi quản lý: ghi ngày và lý do kết thúc."),
    ("both", "Ngày ghi dạng ngày/tháng/năm, ví dụ 06/05/2024. Ô có mũi tên thì bấm mũi tên và chọn trong danh sách."),
    ("hamlet", "Ô đánh dấu thì ghi x, không thì để trống. Năm sinh: nếu chỉ biết năm thì ghi năm, ví dụ 1985."),
    ("both", "Tiền ghi bằng đồng và chỉ ghi số, ví dụ 500000; máy tự chấm hàng nghìn."),
    ("both", "Sheet nào kỳ này không có gì để ghi thì đánh dấu x ở dòng “Không phát sinh” của sheet đó trong Thông tin."),
    ("both", ("Lưu sổ vào thư mục dùng chung. Nếu có chỗ sai, bản sổ đã đánh dấu ô sai và cách sửa nằm ở thư mục _can-sua "
              "bên cạnh: sửa trong bản đó rồi chép đè lên sổ cũ.")),
)
"""For which profile, and what a clerk does, in order."""
HEADINGS = ("Cột", "Bắt buộc", "Cách ghi", "Ví dụ")
SCALE = 74
PAGE_HEIGHT = 660.0
"""Points of rows that A4 landscape holds at that scale."""


class _Guide:
    """The sheet being written, from the top down; a table that fits on a page is not cut by its end."""

    def __init__(self, page: Worksheet, styles: Styles) -> None:
        self.page, self.styles = page, styles
        self.row, self.used = 0, 0.0
        self.breaks: list[int] = []

    def add(self, texts: Sequence[str], style: Format, tall: float) -> None:
        """Write a row of four cells, or one text across the page."""
        self.page.set_row(self.row, tall)
        if len(texts) == 1:
            self.page.merge_range(self.row, 0, self.row, len(WIDTHS) - 1, texts[0], style)
        else:
            for col, text in enumerate(texts):
                self.page.write_string(self.row, col, text, style)
        self.row, self.used = self.row + 1, self.used + tall

    def add_text(self, text: str, size: int = 12, **look: object) -> None:
        """Write text across the page; Excel does not fit the height of merged cells by itself."""
        tall = height([(text, sum(WIDTHS))], line=size * 1.4) + 2
        self.add([text], self.styles.make(text_wrap=True, font_size=size, **look), tall)

    def add_table(self, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write a titled table, on a new page where this one has no room for it."""
        talls = [height(zip(row, (width * 1.05 for width in WIDTHS), strict=True)) + 2 for row in rows]
        if self.used + sum(talls) + 75 > PAGE_HEIGHT:
            self.breaks.append(self.row)
            self.used = 0.0
        else:
            self.row, self.used = self.row + 1, self.used + 15
        self.add_text(title, bold=True, font_color="#1F4E79")
        self.add(headings, self.styles.header(), 21)
        for row, tall in zip(rows, talls, strict=True):
            self.add(row, self.styles.cell(), tall)


def write_guide(page: Worksheet, styles: Styles, form: Form, profile: str) -> None:
    """Write purpose, steps, a table for each sheet and the code lists in use."""
    for col, width in enumerate(WIDTHS):
        page.set_column(col, col, width)
    guide = _Guide(page, styles)
    sheets = [info_for(form.sheet["info"], profile), *form.data_sheets(profile)]
    _write_opening(guide, form.sheet["guide"].title, profile)
    for sheet in sheets:
        rows = [(c.header, when_required(form, sheet, c), c.help, c.example) for c in sheet.columns]
        guide.add_table(f"Sheet {sheet.name}: {sheet.grain}", HEADINGS, rows)
    _write_codes(guide, form, sheets)
    page.hide_gridlines(2)
    set_print(page)
    # Excel does not heed page breaks when it fits the width, hence a scale.
    page.set_print_scale(SCALE)
    page.set_h_pagebreaks(guide.breaks)
    protect(page)


def _write_opening(guide: _Guide, title: str, profile: str) -> None:
    guide.add_text(title, 16, bold=True, align="center")
    guide.add_text(PURPOSES[profile])
    guide.add_text(PRIVACY[profile], bold=True, font_color="#C00000")
    for at, text in enumerate((text for whose, text in STEPS if whose in ("both", profile)), start=1):
        guide.add_text(f"{at}. {text}")
    guide.add_text(f"{LEGEND} Phiên bản mẫu: {FORM_VERSION}.", italic=True)


def when_required(form: Form, sheet: Sheet, column: Column) -> str:
    """Say in Vietnamese whether, or when, a column must be filled."""
    if column.required:
        return "Bắt buộc"
    if not column.required_if:
        return "Không bắt buộc"
    if column.required_if == "employed":
        return "Bắt buộc khi có việc làm"
    key, _, code = column.required_if.partition("=")
    other = sheet.by_key[key]
    if not code:
        return f"Bắt buộc khi có ghi {other.header}"
    label = next(one.label for one in form.lists[other.list] if one.code == code)
    return f"Bắt buộc khi {other.header[:1].lower()}{other.header[1:]} là {label}"


def _write_codes(guide: _Guide, form: Form, sheets: Iterable[Sheet]) -> None:
    """Write each list in use: where it is chosen, and its labels one below the other."""
    places: dict[str, list[str]] = {}
    for sheet in sheets:
        for column in sheet.columns:
            if column.list:
                places.setdefault(column.list, []).append(f"{column.header} ({sheet.name})")
    guide.row, guide.used = guide.row + 1, guide.used + 15
    guide.add_text("Các danh mục để chọn", bold=True, font_color="#1F4E79")
    for name, where in places.items():
        labels = "; ".join(code.label for code in form.lists[name])
        guide.add_text(f"{', '.join(where)}: {labels}.", 11)
