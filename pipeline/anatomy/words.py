"""Words of office sheets: what a text is by its wording alone. Diacritics count: "Cộng" is a total, "Công" a company."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from pipeline.raw import Cell
from pipeline.text import as_text, clean, fold, tone_neutral

LONGEST_LABEL = 90
"""Characters; a longer text is no header."""
EMPTY = " \t\r\n\xa0\u200b\ufeff.…_"
"""A cell of nothing but these is a place to write, not written on."""
_FAMILIES = """
nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dinh doan trinh luong mai ta phung chu dao to trieu truong lam vuong
ha thai cao tong bach lo quach kieu nong cu dam chau ma lieu giap than la tang luu nghiem van tieu khuc thieu mac vi giang hua au sung bo ro
ksor dieu y h"""
FAMILIES = frozenset(_FAMILIES.split())
_QUESTION = re.compile(r"\(\s*\d{1,2}(?:\s*[.&,+\-–]?\s*(?:\d{1,2}|[a-zđ]))*\s*\)", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NUMBERED = re.compile(r"^(?:\d{1,2}|[a-zđ])[.)]\s+", re.IGNORECASE)
_NOT_WORD = re.compile(r"[\W_]+")
_SERIAL_HEADER = re.compile(r"(?:s ?t ?t|tt|no|(?:số|so) (?:tt|thứ tự|thu tu)|thứ tự)\Z")
_TOTAL = re.compile(r"(?:tổng(?: cộng| số)?|cộng)\b(?! (?:đồng|tác|sự|hòa|công ty|hợp|kết|điều|đội|giám|cục|bí|đài|quát|phụ))")
_PLAIN_TOTAL = re.compile(r"(?:tong cong|tong so)(?=\Z|\s*[:(=]|\s+\d)")
_FOOTER = re.compile(
    r"[-*\s(“\"]*(?:người (?:lập|tổng hợp|báo cáo|ghi|viết|thống kê|kiểm|thực hiện)|lập (?:bảng|biểu)|cán bộ (?:lập|tổng|thống|tư)"
    r"|thủ trưởng|kế toán|tm\b|t/m|t\.m|kt\b|tl\b|k/t|(?:phó )?chủ tịch|(?:phó )?(?:trưởng|giám đốc|bí thư)\b"
    r"|(?:thôn|tổ|xóm|đội|bản|khu) trưởng|xác nhận|ký tên|ký,|ký và|ký ghi|ký\)|đóng dấu|ngày .{0,12}tháng .{0,12}năm"
    r"|[^:]{2,40}, ?ngày .{0,12}tháng|nơi nhận|ấn định|danh sách (?:này |trên )?(?:có|gồm)|công chức|hiệu trưởng|đại diện|chỉ huy"
    r"|ghi chú ?:|lưu ý ?:|chú thích ?:|nguoi lap|truong thon|ky ten|ky, |xac nhan)")
_TITLE = re.compile(r"(?<!\w)(?:danh sách|biểu|báo cáo|sổ|tổng hợp|tháng \d|tính đến|đơn vị tính|thôn|xã|ubnd|ủy ban|công an|cộng hòa"
                    r"|độc lập|mẫu|kèm theo|ban hành|đvt|kỳ|quý)(?!\w)|\d{1,2}/\d{1,2}/\d{4}")
_HINT = re.compile(
    r"(?:\(.*\)|\*+|\[.*\]|d{1,2}[/.\-]m{1,2}.*|ngày ?[/,]? ?tháng ?[/,]? ?năm|(?:ghi|nhập|chọn|điền) (?!chú).*|định dạng.*"
    r"|(?:không )?bắt buộc.*)\Z", re.DOTALL)
_SAMPLE = re.compile(r"\(?(?:ví dụ|vd|mẫu|dòng mẫu|example|vi du)\s*(?:\d{0,2}\)?\Z|[:\-.].*)")
_UNIT = re.compile(
    r"(?P<word>thôn|làng|xóm|bản|buôn|bon|plei|ấp|phum|sóc|tổ dân phố|tdp|tổ|khu phố|kp|khu dân cư|kdc|khu"
    r"|khối phố|khối|khóm|tiểu khu|cụm dân cư|cụm|xã|phường|thị trấn)\s*[:.]?"
    r"\s+(?!trưởng|phó|viên|đội|hội|chức|quốc)(?P<name>[^\s:][^:]{0,39})\Z")
_PLAIN_UNIT = re.compile(r"(?:thon|xom|to dan pho|tdp|khu pho|khu dan cu)\s*[:.]?\s+\S.{0,39}\Z")
_RELEASES = (("AMNESTY", re.compile(r"\bđặc xá\b")), ("CONDITIONAL", re.compile(r"\btha tù\b|\btrước thời hạn\b")),
             ("SERVED", re.compile(r"\bchấp hành xong\b|\bmãn hạn\b|\bhết án\b")))
_MARKER = re.compile(r"(?:[IVXLC]+|[A-ZĐ])\s*[.)\-–/:]\s*(?=\S)")
_LONE_MARKER = re.compile(r"\(?(?:[IVXLC]+|[A-ZĐ])[.)/]?\Z")
_COUNT_TAIL = re.compile(r"\s*(?:[(\[:–—\-]|có|gồm)\s*\d+[^)\]]{0,30}[)\]]?\s*\Z|\s*[:;.]\s*\Z")
_COUNT = re.compile(r"\(?\s*\d{1,5}\s*(?:người|đối tượng|trường hợp|công dân|nhân khẩu)?\s*\)?\Z")
_WORD_NUMBER = re.compile(r"\(?\d{1,5}(?:[.,]\d{1,3})*[.)]?\Z")
_WORD_LETTER = re.compile(r"[a-zđ][.)]?\Z")


def is_blank(cell: Cell) -> bool:
    """Tell whether a cell is empty, or only a dotted line to write on."""
    if cell is None or cell == "":
        return True
    if not isinstance(cell, str):
        return False
    rest = cell.strip(EMPTY)
    return not rest or (not rest.isprintable() and not clean(rest))


def is_zero(cell: Cell) -> bool:
    """Tell whether a cell is what a formula over blanks gives: 0, a dash, the day before Excel's first."""
    if isinstance(cell, str):
        return cell.strip() in ("0", "-", "–", "—")
    if isinstance(cell, datetime | date):
        return cell.year <= 1900
    if isinstance(cell, time):
        return cell == time()
    return not cell if isinstance(cell, float | int | timedelta) else False


def is_figure(cell: Cell) -> bool:
    """Tell whether a cell is a number or a date, also one typed as text."""
    if isinstance(cell, str):
        return any(c.isdecimal() for c in cell)
    return cell is not None and not isinstance(cell, bool)


@lru_cache(maxsize=16384)
def label_text(text: str) -> str:
    """Return a header as shown: clean, without stars and question numbers."""
    return clean(_QUESTION.sub(" ", clean(text).replace("*", " "))).strip(" :;-–")


@lru_cache(maxsize=16384)
def label_key(text: str) -> str:
    """Return the key under which headers are compared: words in lower case, tones where state documents put them."""
    return _NOT_WORD.sub(" ", tone_neutral(label_text(text))).strip()


@lru_cache(maxsize=4096)
def bare_label(text: str) -> str:
    """Return a header without its help in parentheses and its leading number: a second try."""
    return label_text(_NUMBERED.sub("", _ASIDE.sub(" ", label_text(text))))


@lru_cache(maxsize=16384)
def has_marks(text: str) -> bool:
    """Tell whether a text has letters that are not ASCII: then it is never folded."""
    return not text.isascii() and any(c > "\x7f" and c.isalpha() for c in text)


def is_serial_header(text: str) -> bool:
    """Tell whether a header heads the serial numbers ("STT", "S⏎T⏎T", "Số TT"); "Nợ" does not."""
    return len(text) <= 24 and bool(_SERIAL_HEADER.match(label_key(text)))


def is_serial(cell: Cell) -> bool:
    """Tell whether a cell is a serial number: 1, "01", "2.1", "a"; a Roman number or a capital heads a section."""
    if isinstance(cell, str):
        text = cell.strip()
        return bool(_WORD_NUMBER.match(text) or _WORD_LETTER.match(text))
    return isinstance(cell, float | int) and not isinstance(cell, bool)


def is_marker(cell: Cell) -> bool:
    """Tell whether a cell of the serial column heads a section: "I", "A.", "II)"."""
    return isinstance(cell, str) and bool(_LONE_MARKER.match(cell.strip()))


def starts_section(text: str) -> bool:
    """Tell whether a text begins as a section's title does: "I. …", "A. …"; never folded, so "Vị …" does not."""
    return bool(_MARKER.match(text))


def is_total(text: str, plain: bool = False) -> bool:
    """Tell whether a text is a total's label. `plain`: the sheet is written without diacritics."""
    lower = tone_neutral(text)
    return len(text) <= 80 and bool(_TOTAL.match(lower) or (plain and _PLAIN_TOTAL.match(lower)))


def is_footer(text: str) -> bool:
    """Tell whether a text begins as what stands below a table does: signatures, place and date, notes."""
    return bool(_FOOTER.match(tone_neutral(text[:100])))


def says_title(text: str) -> bool:
    """Tell whether a text is worded like what stands above a table: an office, a list's name, a day."""
    return bool(_TITLE.search(tone_neutral(text)))


def is_hint(cell: Cell) -> bool:
    """Tell whether a cell below a header says how to fill it in."""
    return isinstance(cell, str) and bool(_HINT.match(tone_neutral(cell)))


def is_sample(text: str) -> bool:
    """Tell whether a row's first text says that the row is only an example."""
    return len(text) <= 60 and bool(_SAMPLE.match(tone_neutral(text)))


def is_count(text: str) -> bool:
    """Tell whether a text is a count and nothing else: "12", "(05 người)"."""
    return bool(_COUNT.match(tone_neutral(text)))


def section_title(text: str) -> str:
    """Return a section's text without its number and its count: "I. Thôn Đông (05 người):" gives "Thôn Đông"."""
    bare = _MARKER.sub("", clean(text), count=1) if starts_section(text.strip()) else clean(text)
    bare = _NUMBERED.sub("", bare)
    while (shorter := _COUNT_TAIL.sub("", bare)) != bare:
        bare = shorter
    return bare.strip(" .:;-–—")


def unit_named(text: str) -> bool:
    """Tell whether a section's title names a hamlet or a commune by its word ("Thôn Đông", "TDP 3")."""
    lower = tone_neutral(text)
    return bool(_UNIT.match(lower) or (not has_marks(text) and _PLAIN_UNIT.match(lower)))


def release_named(text: str) -> str:
    """Return the code of the one release type that a section's title names, else nothing."""
    lower = tone_neutral(text)
    found = [code for code, pattern in _RELEASES if pattern.search(lower)]
    return found[0] if len(found) == 1 and len(lower) <= LONGEST_LABEL else ""


@lru_cache(maxsize=16384)
def looks_like_a_name(text: str) -> bool:
    """Tell whether a text may be a person's name: it is never shown."""
    words = as_text(text).split()
    if not 2 <= len(words) <= 6 or not all(word[0].isupper() and word.isalpha() for word in words):
        return False
    return fold(words[0]) in FAMILIES
