"""One small table in every container there is, byte by byte in code: formats that nothing here can write are written by hand."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

SHEET, OTHER_SHEET = "Danh sách", "Ẩn"
HEAD: list[object] = ["STT", "Họ và tên", "Ngày sinh", "Số CCCD", "Số tiền"]
ROWS: list[list[object]] = [
    ["DANH SÁCH NGƯỜI CỦA THÔN MẪU", "", "", "", ""], ["", "", "", "", ""], HEAD,
    [1.0, "Nguyễn Văn Ếch", date(1985, 3, 17), "000085000001", 500_000.0],
    [2.0, "Trần Thị Đào", date(1990, 12, 1), "000190000002", 1_250.5],
    [3.0, "Lê Văn Ở", date(1978, 1, 31), "000078000003", ""]]
"""The table as a container with types gives it. E6 holds an error; D is hidden, row 5 too, B5 is struck through."""
TEXTS = [[cell.strftime("%d/%m/%Y") if isinstance(cell, date) else f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in row]
         for row in ROWS]
"""The table where there are only texts."""
MERGES = ((1, 1, 1, 5),)
DAY0 = date(1899, 12, 30)
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_PLAIN, _DATE, _STRUCK, _NAME = 0, 1, 2, 3
"""Cell formats of the hand-made binary workbooks."""


def style_of(row: int, column: int) -> int:
    """Return the format of a cell, by its place from 1."""
    if column == 2 and row > 2:
        return _STRUCK if row == 5 else _NAME
    return _DATE if column == 3 and row > 3 else _PLAIN


def write_xlsx(path: Path) -> bytes:
    """Write the table with openpyxl, under any name."""
    book = Workbook()
    page = book.active
    page.title = SHEET
    for row, cells in enumerate(ROWS, start=1):
        for column, cell in enumerate(cells, start=1):
            if cell != "":
                page.cell(row, column, cell)
            page.cell(row, column).font = Font(name=".VnTime" if column == 2 and row > 2 else "Calibri", strike=(row, column) == (5, 2))
    page.merge_cells("A1:E1")
    page.row_dimensions[5].hidden = page.column_dimensions["D"].hidden = True
    page["E6"] = "#N/A"
    other = book.create_sheet(OTHER_SHEET)
    other["B2"] = True
    other.sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    path.write_bytes(target.getvalue())
    return target.getvalue()


# --- .xls ---------------------------------------------------------------------------------------------------------------------

def record(kind: int, content: bytes) -> bytes:
    """Return one record of an .xls."""
    return struct.pack("<2H", kind, len(content)) + content


def short(text: str, length: str = "<B") -> bytes:
    """Return a text as .xls records hold it."""
    return struct.pack(length, len(text)) + b"\1" + text.encode("utf-16-le")


def xls_stream(rows: Sequence[Sequence[object]] = ROWS, before: bytes = b"", inside: bytes = b"", date1904: bool = False,
               dimensions: tuple[int, int] = (65_536, 256)) -> bytes:
    """Return the records of a workbook; `before` goes into its head, `inside` into its first sheet."""
    texts = list(dict.fromkeys(cell for row in rows for cell in row if isinstance(cell, str) and cell))
    fonts = [("Calibri", 0), ("Calibri", 0), ("Calibri", 0), ("Calibri", 0), (".VnTime", 8), (".VnTime", 0)]
    head = [record(0x809, struct.pack("<4H2I", 0x600, 5, 0x0DBB, 0x07CC, 0, 6)), before, record(0x42, b"\xb0\x04"),
            record(0x22, bytes([date1904, 0]))]
    head += [record(0x31, struct.pack("<2H10x", 220, struck) + short(name)) for name, struck in fonts]
    head += [record(0x41E, struct.pack("<H", 164) + short("dd/mm/yyyy", "<H"))]
    head += [record(0xE0, struct.pack("<3H14x", font, shown, 0)) for font, shown in ((0, 0), (0, 164), (5, 0), (6, 0))]
    strings = record(0xFC, struct.pack("<2I", len(texts), len(texts)) + b"".join(short(text, "<H") for text in texts))
    sheets = [_xls_sheet(rows, texts, inside, dimensions), _xls_sheet([["", ""], ["", True]], [], b"", (2, 2))]
    bounds = [(SHEET, 0), (OTHER_SHEET, 1)]
    at = sum(map(len, head)) + sum(8 + len(short(name)) + 2 for name, _ in bounds) + len(strings) + 4
    for (name, hidden), sheet in zip(bounds, sheets, strict=True):
        head.append(record(0x85, struct.pack("<I2B", at, hidden, 0) + short(name)))
        at += len(sheet)
    return b"".join((*head, strings, record(0x0A, b""), *sheets))


def _xls_sheet(rows: Sequence[Sequence[object]], texts: Sequence[str], inside: bytes, dimensions: tuple[int, int]) -> bytes:
    parts = [record(0x809, struct.pack("<4H2I", 0x600, 0x10, 0x0DBB, 0x07CC, 0, 6)),
             record(0x200, struct.pack("<2I3H", 0, dimensions[0], 0, dimensions[1], 0))]
    if texts:
        parts += [record(0x7D, struct.pack("<5H2x", 3, 3, 2560, 0, 1)),
                  record(0x208, struct.pack("<6HI", 4, 0, 5, 255, 0, 0, 0x20))]
    for row, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells, start=1):
            head = struct.pack("<3H", row - 1, column - 1, style_of(row, column))
            if isinstance(cell, bool):
                parts.append(record(0x205, head + bytes([cell, 0])))
            elif isinstance(cell, date):
                parts.append(record(0x27E, head + struct.pack("<I", (cell - DAY0).days << 2 | 2)))
            elif isinstance(cell, float):
                parts.append(record(0x203, head + struct.pack("<d", cell)))
            elif cell:
                parts.append(record(0xFD, head + struct.pack("<I", texts.index(str(cell)))))
    if texts:
        parts += [record(0x205, struct.pack("<3H2B", 5, 4, 0, 0x2A, 1)), record(0xE5, struct.pack("<5H", 1, 0, 0, 0, 4))]
    return b"".join((*parts, inside, record(0x0A, b"")))


def shell(streams: Mapping[str, bytes], inner: Mapping[str, bytes] | None = None, php: bool = False) -> bytes:
    """Return a compound file of sectors of 512 bytes. Streams below 4096 bytes go into the mini stream; those of `inner` into a
    storage that comes first. `php`: the root claims the sectors of the first stream, as PHP's Excel5 writer lets it."""
    step, inner = 512, inner or {}
    sectors: list[bytes] = []
    table: list[int] = []

    def put(part: bytes) -> int:
        first, count = len(sectors), max(-(-len(part) // step), 1)
        sectors.extend(part[at * step:(at + 1) * step].ljust(step, b"\0") for at in range(count))
        table.extend([*range(first + 1, first + count), END])
        return first

    mini, mini_table = b"", []
    places: list[tuple[str, int, int]] = []
    for name, part in (*inner.items(), *streams.items()):
        if len(part) >= 4096:
            places.append((name, put(part), len(part)))
            continue
        count = -(-len(part) // 64)
        places.append((name, len(mini_table), len(part)))
        mini_table += [*range(len(mini_table) + 1, len(mini_table) + count), END]
        mini += part.ljust(count * 64, b"\0")
    mini_at = put(mini) if mini else END
    mini_fat = put(struct.pack(f"<{len(mini_table)}I", *mini_table).ljust(step, b"\xff")) if mini else END
    entries = [_entry("Root Entry", 5, right=FREE, child=1 + bool(inner) + len(inner), start=places[len(inner)][1] if php else mini_at,
                      size=4096 if php else len(mini))]
    if inner:
        entries.append(_entry("MBD0001", 1, right=FREE, child=2, start=0, size=0))
    for number, (name, start, size) in enumerate(places):
        last = number in (len(inner) - 1, len(places) - 1)
        follows = FREE if last else len(entries) + 1
        if inner and number == len(places) - 1:
            follows = 1
        entries.append(_entry(name, 2, right=follows, child=FREE, start=start, size=size))
    directory = put(b"".join(entries))
    tables, more = 1, 0
    while (len(table) + tables + more) * 4 > tables * step:
        tables += 1
        more = -(-max(tables - 109, 0) // 127)
    first = len(sectors) + more
    rest = list(range(first + 109, first + tables))
    for at in range(more):  # a chain of further sectors names the tables that the header has no room for
        link = len(sectors) + 1 if at + 1 < more else END
        sectors.append(struct.pack("<128I", *[*rest[at * 127:(at + 1) * 127], *[FREE] * 127][:127], link))
    table += [0xFFFFFFFC] * more + [FAT] * tables
    table += [FREE] * (tables * step // 4 - len(table))
    header = struct.pack("<8s16x5H6x9I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, directory, 0, 4096,
                         mini_fat, 1 if mini else 0, first - more if more else END, more)
    numbers = [*range(first, first + min(tables, 109)), *[FREE] * (109 - tables)]
    return header + struct.pack("<109I", *numbers) + b"".join(sectors) + struct.pack(f"<{len(table)}I", *table)


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    return struct.pack("<64sH2B3I36xIQ", raw, len(raw), kind, 1, FREE, right, child, start, size)


def xls(**how: object) -> bytes:
    """Return the table as an .xls as Excel writes it."""
    return shell({"Workbook": xls_stream(**how).ljust(4096, b"\0")})  # type: ignore[arg-type]


# --- .xlsb --------------------------------------------------------------------------------------------------------------------

def record12(kind: int, content: bytes = b"") -> bytes:
    """Return one record of an .xlsb."""
    name = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, parts = len(content), b""
    while size > 127:
        parts, size = parts + bytes([size & 0x7F | 0x80]), size >> 7
    return name + parts + bytes([size]) + content


def wide(text: str) -> bytes:
    """Return a text as .xlsb records hold it."""
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb_parts(inside: bytes = b"") -> dict[str, bytes]:
    """Return the parts of the table as an .xlsb; `inside` goes behind the cells of its first sheet."""
    texts = list(dict.fromkeys(cell for row in ROWS for cell in row if isinstance(cell, str) and cell))
    fonts = b"".join(record12(43, struct.pack("<2H17x", 220, struck) + wide(name))
                     for name, struck in (("Calibri", 0), (".VnTime", 8), (".VnTime", 0)))
    styles = (record12(278) + record12(615, struct.pack("<I", 1)) + record12(44, struct.pack("<H", 164) + wide("dd/mm/yyyy"))
              + record12(616) + record12(611, struct.pack("<I", 3)) + fonts + record12(612) + record12(617, struct.pack("<I", 4))
              + b"".join(record12(47, struct.pack("<3H10x", 0, shown, font)) for shown, font in ((0, 0), (164, 0), (0, 1), (0, 2)))
              + record12(618) + record12(279))
    strings = (record12(159, struct.pack("<2I", len(texts), len(texts))) + b"".join(record12(19, b"\0" + wide(text)) for text in texts)
               + record12(160))
    book = (record12(131) + record12(153, struct.pack("<3I", 0, 0, 0)) + record12(143)
            + record12(156, struct.pack("<2I", 0, 1) + wide("rId1") + wide(SHEET))
            + record12(156, struct.pack("<2I", 1, 2) + wide("rId2") + wide(OTHER_SHEET)) + record12(144) + record12(157) + record12(132))
    ns, office = "http://schemas.openxmlformats.org/package/2006", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "".join(f'<Relationship Id="rId{n}" Type="{office}/{kind}" Target="{target}.bin"/>' for n, kind, target in (
        (1, "worksheet", "worksheets/sheet1"), (2, "worksheet", "worksheets/sheet2"), (3, "styles", "styles"),
        (4, "sharedStrings", "sharedStrings")))
    kind = "application/vnd.ms-excel"
    types = (f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
             f'<Default Extension="bin" ContentType="{kind}.worksheet"/><Override PartName="/xl/workbook.bin" '
             f'ContentType="{kind}.sheet.binary.macroEnabled.main"/><Override PartName="/xl/styles.bin" ContentType="{kind}.styles"/>'
             f'<Override PartName="/xl/sharedStrings.bin" ContentType="{kind}.sharedStrings"/>')
    return {"[Content_Types].xml": f'<Types xmlns="{ns}/content-types">{types}</Types>'.encode(),
            "_rels/.rels": f'<Relationships xmlns="{ns}/relationships"><Relationship Id="rId1" Type="{office}/officeDocument" '
                           f'Target="xl/workbook.bin"/></Relationships>'.encode(),
            "xl/workbook.bin": book, "xl/styles.bin": styles, "xl/sharedStrings.bin": strings,
            "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{ns}/relationships">{relations}</Relationships>'.encode(),
            "xl/worksheets/sheet1.bin": _xlsb_sheet(ROWS, texts, inside),
            "xl/worksheets/sheet2.bin": _xlsb_sheet([["", ""], ["", True]], [])}


def _xlsb_sheet(rows: Sequence[Sequence[object]], texts: Sequence[str], inside: bytes = b"") -> bytes:
    parts = [record12(129), record12(148, struct.pack("<4I", 0, len(rows) - 1, 0, 4))]
    if texts:
        parts += [record12(390), record12(60, struct.pack("<4IH", 3, 3, 2560, 0, 1)), record12(391)]
    parts.append(record12(145))
    for row, cells in enumerate(rows, start=1):
        parts.append(record12(0, struct.pack("<2IH2B5x", row - 1, 0, 255, 0, 0x10 if texts and row == 5 else 0)))
        for column, cell in enumerate(cells, start=1):
            head = struct.pack("<2I", column - 1, style_of(row, column))
            if isinstance(cell, bool):
                parts.append(record12(4, head + bytes([cell])))
            elif isinstance(cell, date):
                parts.append(record12(2, head + struct.pack("<I", (cell - DAY0).days << 2 | 2)))
            elif isinstance(cell, float):
                parts.append(record12(5, head + struct.pack("<d", cell)))
            elif cell:
                parts.append(record12(7, head + struct.pack("<I", texts.index(str(cell)))))
    if texts:
        parts += [record12(3, struct.pack("<2IB", 4, 0, 0x2A)), inside]
    parts.append(record12(146))
    if texts:
        parts += [record12(177), record12(176, struct.pack("<4I", 0, 0, 0, 4)), record12(178)]
    return b"".join((*parts, record12(130)))


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """Return an archive; the first part is stored, as OpenDocument wants it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, part) in enumerate(parts.items()):
            archive.writestr(name, part, zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED)
    return target.getvalue()


# --- OpenDocument, SpreadsheetML 2003, HTML, text -----------------------------------------------------------------------------

EMPTY = "<table:table-cell/>"


def ods_parts(table: str | None = None, settings: str = "") -> dict[str, bytes]:
    """Return the parts of the table, or of another one's markup, as an .ods."""
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style"))
    columns = ('<table:table-column table:number-columns-repeated="3"/><table:table-column table:visibility="collapse"/>'
               '<table:table-column/>')
    hidden = ' table:visibility="collapse"'
    rows = "".join(f'<table:table-row{hidden if row == 5 else ""}>'
                   + "".join(_ods_cell(row, column, cell) for column, cell in enumerate(cells, start=1)) + "</table:table-row>"
                   for row, cells in enumerate(ROWS, start=1))
    table = table if table is not None else (
        f'<table:table table:name="{SHEET}">{columns}{rows}<table:table-row table:number-rows-repeated="1048570">'
        f'<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
        f'<table:table table:name="{OTHER_SHEET}" table:style-name="ta2"><table:table-row><table:table-cell/></table:table-row>'
        f'<table:table-row><table:table-cell/><table:table-cell office:value-type="boolean" office:boolean-value="true"/>'
        f'</table:table-row></table:table>')
    content = (f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} xmlns:calcext="urn:x:calcext">'
               f'<office:automatic-styles><style:style style:name="ta2" style:family="table"><style:table-properties '
               f'table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>{settings}{table}'
               f'</office:spreadsheet></office:body></office:document-content>')
    manifest = ('<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
                f'manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>')
    return {"mimetype": kind.encode(), "content.xml": content.encode(), "META-INF/manifest.xml": manifest.encode()}


def _ods_cell(row: int, column: int, cell: object) -> str:
    if (row, column) == (6, 5):
        return ('<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#N/A</text:p>'
                '</table:table-cell>')
    if isinstance(cell, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell}"/>'
    if isinstance(cell, float):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
    spans = ' table:number-columns-spanned="5" table:number-rows-spanned="1"' if (row, column) == (1, 1) else ""
    return f'<table:table-cell{spans} office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' if cell else EMPTY


def xml2003(rows: str | None = None, extra: str = "") -> str:
    """Return the table, or other rows, as SpreadsheetML 2003."""
    styles = ('<Style ss:ID="Default" ss:Name="Normal"><Font ss:FontName="Calibri"/></Style><Style ss:ID="s1"><NumberFormat '
              'ss:Format="Short Date"/></Style><Style ss:ID="s2"><Font ss:FontName=".VnTime" ss:StrikeThrough="1"/></Style>'
              '<Style ss:ID="s3"><Font ss:FontName=".VnTime"/></Style>')
    if rows is None:
        rows = '<Column ss:Index="4" ss:Hidden="1"/>'
        rows += "".join(_xml_row(number, cells) for number, cells in enumerate(ROWS, start=1) if any(cells))
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook '
            f'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" '
            f'xmlns:x="urn:schemas-microsoft-com:office:excel">{extra}<Styles>{styles}</Styles><Worksheet ss:Name="{SHEET}"><Table>{rows}'
            f'</Table></Worksheet><Worksheet ss:Name="{OTHER_SHEET}"><Table><Row ss:Index="2"><Cell ss:Index="2"><Data ss:Type="Boolean">1'
            f'</Data></Cell></Row></Table><WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible>'
            f'</WorksheetOptions></Worksheet></Workbook>')


def _xml_row(number: int, cells: Sequence[object]) -> str:
    shown = []
    for column, cell in enumerate(cells, start=1):
        if (number, column) == (6, 5):
            shown.append('<Cell><Data ss:Type="Error">#N/A</Data></Cell>')
        elif cell != "":
            kind = "DateTime" if isinstance(cell, date) else "Number" if isinstance(cell, float) else "String"
            value = f"{cell}T00:00:00.000" if kind == "DateTime" else cell
            style = f' ss:StyleID="s{style_of(number, column)}"' if style_of(number, column) else ""
            merge = ' ss:MergeAcross="4"' if number == 1 else ""
            shown.append(f'<Cell ss:Index="{column}"{style}{merge}><Data ss:Type="{kind}">{value}</Data></Cell>')
    hidden = ' ss:Hidden="1"' if number == 5 else ""
    return f'<Row ss:Index="{number}"{hidden}>{"".join(shown)}</Row>'


def office_html() -> str:
    """Return the table as Excel saves a web page: formats by class, numbers beside what is shown."""
    rows = []
    for number, cells in enumerate(ROWS, start=1):
        shown = []
        for column, cell in enumerate(cells, start=1):
            if (number, column) == (6, 5):
                shown.append('<td x:err="#N/A">#N/A</td>')
            elif isinstance(cell, date):
                shown.append(f'<td class=xl65 x:num="{(cell - DAY0).days}">{cell:%d/%m/%Y}</td>')
            elif isinstance(cell, float):
                shown.append(f'<td x:num="{cell}">{cell:,.2f}</td>')
            elif number == 1:
                shown.append(f'<td colspan=5>{cell}</td>' if cell else "")
            else:
                name = {_STRUCK: "xl66", _NAME: "xl68"}.get(style_of(number, column), "xl67")
                shown.append(f'<td class={name}>{cell or "&nbsp;"}</td>')
        hidden = " style='display:none'" if number == 5 else ""
        rows.append(f'<tr{hidden}>\n  {" ".join(shown)}\n</tr>')
    return (f'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv=Content-Type content="text/html; '
            f'charset=utf-8"><style><!--td {{font-family:Calibri, sans-serif;}}\n.xl65 {{mso-number-format:"dd\\/mm\\/yyyy";}}\n.xl66 '
            f'{{font-family:".VnTime", sans-serif; text-decoration:line-through; mso-number-format:"\\@";}}\n.xl67 '
            f'{{mso-number-format:"\\@";}}\n.xl68 {{font-family:.VnTime;}}--></style><!--[if gte mso 9]>'
            f'<xml><x:ExcelWorkbook><x:ExcelWorksheets><x:ExcelWorksheet><x:Name>'
            f'{SHEET}</x:Name></x:ExcelWorksheet></x:ExcelWorksheets></x:ExcelWorkbook></xml><![endif]--></head><body><table><col span=3>'
            f'<col style="display:none"><col>{"".join(rows)}<![if supportMisalignedColumns]><tr height=0 style="display:none">'
            f'<td width=64></td></tr><![endif]></table></body></html>')


def plain_html() -> str:
    """Return the table as software prints it: nothing but texts, tags left open."""
    rows = ("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in TEXTS[2:])
    return f"<Table border=1><tr><th colspan=5>{TEXTS[0][0]}</th></tr><tr></tr>{''.join(rows)}</Table>"


def delimited(delimiter: str = ",", rows: Sequence[Sequence[str]] = TEXTS) -> str:
    """Return the table as text."""
    return "".join(delimiter.join(row) + "\r\n" for row in rows)


def as_1258(text: str) -> bytes:
    """Return text as Windows-1258 holds it: bases with their hats, tones behind them."""
    shown = []
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323")
        shown.append(unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones)) + tones)
    return "".join(shown).encode("cp1258")


TYPED: dict[str, Callable[[Path], bytes]] = {
    "xlsx": write_xlsx, "xls": lambda _: xls(), "xlsb": lambda _: zipped(xlsb_parts()), "ods": lambda _: zipped(ods_parts()),
    "xml2003": lambda _: xml2003().encode(), "html": lambda _: office_html().encode()}
"""Containers that say what is a number, a date or an error."""
ONLY_TEXT: dict[str, tuple[str, bytes]] = {
    "csv_utf8": ("csv", delimited().encode()), "csv_bom": ("csv", delimited(";").encode("utf-8-sig")),
    "csv_utf16": ("csv", delimited("\t").encode("utf-16")), "csv_utf16_bare": ("csv", delimited("|").encode("utf-16-le")),
    "csv_utf16_turned": ("csv", delimited("|").encode("utf-16-be")), "csv_1258": ("csv", as_1258(delimited())),
    "html_utf8": ("html", plain_html().encode()), "html_utf16": ("html", plain_html().encode("utf-16")),
    "html_utf16_bare": ("html", plain_html().encode("utf-16-le")), "html_1258": ("html", as_1258(plain_html())),
    "html_references": ("html", plain_html().encode("ascii", "xmlcharrefreplace"))}
NOON = datetime(2024, 5, 6, 12, 30)
