"""Kinds of bad input inside well-formed archives: XML attacks, sheets that would be misread, values, altered templates."""

from __future__ import annotations

import unicodedata

from hostile import PEOPLE, RELATIONS, STRINGS, WORKBOOK, add, cell, changed, kind, pack, replaced, row, substituted, unpack, with_part

HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
LAUGHS = b'<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
SHEET_4 = b'<sheet name="H\xe1\xbb\x97 tr\xe1\xbb\xa3"'
TEXT = b'<is><t>%s</t></is>'

add("file_suspicious", "dtd", replaced(PEOPLE, HEAD, HEAD + b'<!DOCTYPE worksheet SYSTEM "http://127.0.0.1/x.dtd">'))
add("file_suspicious", "billion_laughs", replaced(STRINGS, HEAD, HEAD + LAUGHS))
add("file_suspicious", "external_entity", replaced(WORKBOOK, HEAD, HEAD + b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'))
add("file_suspicious", "utf_16_part", changed(PEOPLE, lambda part: part.decode().replace("UTF-8", "UTF-16").encode("utf-16")))
add("file_suspicious", "latin_part", replaced(STRINGS, b"UTF-8", b"ISO-8859-1"))
add("file_suspicious", "nul_in_text", replaced(STRINGS, b"<si><t>", b"<si><t>\0"))
add("file_suspicious", "sheet_on_the_web", replaced(RELATIONS, b'"worksheets/sheet3.xml"', b'"http://127.0.0.1/sheet3.xml"'))
add("file_suspicious", "sheet_on_a_share", replaced(RELATIONS, b'"worksheets/sheet3.xml"', b'"\\\\server\\share\\sheet3.xml"'))
add("file_suspicious", "sheet_climbs_out", replaced(RELATIONS, b'"worksheets/sheet3.xml"', b'"../../sheet3.xml"'))
add("file_suspicious", "strings_forged_count", substituted(STRINGS, rb'uniqueCount="\d+"', b'uniqueCount="4000000000"'))
add("file_suspicious", "strings_forged_overflow", substituted(STRINGS, rb'uniqueCount="\d+"', b"uniqueCount='%d'" % (2**64 - 1)))
add("file_suspicious", "row_beyond_the_last", row(b'<row r="1048577"><c r="A1048577"><v>1</v></c></row>'))
add("file_suspicious", "cell_overflow", row(b'<row r="900"><c r="A99999999999"><v>1</v></c></row>'))
add("file_suspicious", "column_overflow", row(b'<row r="900"><c r="AAAAAAAA1"><v>1</v></c></row>'))

add("file_damaged", "rows_twice", row(b'<row r="5"><c r="C5"><v>1</v></c></row>'))
add("file_damaged", "rows_reversed", row(b'<row r="2000"/><row r="1999"/>'))
add("file_damaged", "rows_after_the_end", replaced(PEOPLE, b"</sheetData>", b'</sheetData><row r="900"><c r="A900"><v>1</v></c></row>'))
add("file_damaged", "table_twice", replaced(PEOPLE, b"</sheetData>", b"</sheetData><sheetData></sheetData>"))
add("file_damaged", "sheet_cut", changed(PEOPLE, lambda part: part[:len(part) // 2]))
add("file_damaged", "table_not_closed", replaced(PEOPLE, b"</sheetData>", b""))
add("file_damaged", "strings_cut", changed(STRINGS, lambda part: part[:len(part) // 2]))
add("file_damaged", "control_in_strings", replaced(STRINGS, b"<si><t>", b"<si><t>\x0b"))
add("file_damaged", "control_in_cell", cell(TEXT % b"a\x01b", b't="inlineStr"'))
add("file_damaged", "digits_as_numbers", cell(b"<v>&#49;20</v>"))
add("file_damaged", "comment_in_value", cell(b"<v>1<!-- -->20</v>"))
add("file_damaged", "two_values_beside_error", cell(b'<f>1</f><v>1</v><v>2</v>'))
add("file_damaged", "cell_twice_beside_error", row(b'<row r="900"><c r="A900" t="e"><v>#N/A</v></c><c r="A900"><v>1</v></c></row>'))
add("file_damaged", "no_sheets", substituted(WORKBOOK, rb"<sheet .*?/>", b""))
add("file_damaged", "sheet_without_part", changed(RELATIONS, lambda part: part.replace(b'Id="rId3"', b'Id="rId333"')))
add("file_damaged", "workbook_cut", changed(WORKBOOK, lambda part: part[:-40]))
add("sheet_twice", "two_sheets_one_name", replaced(WORKBOOK, SHEET_4, '<sheet name="Danh sách"'.encode()))
add("sheet_twice", "two_names_by_case", replaced(WORKBOOK, SHEET_4, '<sheet name="DANH SÁCH"'.encode()))
add("sheet_twice", "two_sheets_one_part", replaced(RELATIONS, b"worksheets/sheet4.xml", b"worksheets/sheet3.xml"))

add("file_too_large", "stray_cell", row(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))
add("file_too_large", "stray_row", row(b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>a</t></is></c></row>'))
add("file_too_large", "stray_column", row(b'<row r="3000"><c r="A3000"><v>1</v></c><c r="XFD3000"><v>1</v></c></row>'))
add("file_too_large", "stray_in_short_row", row(b'<row r="900"><c r="XFD900000"><v>1</v></c></row>'))
add("file_too_large", "huge_text", cell(TEXT % (b"a" * 2_200_000), b't="inlineStr"'))
add("file_too_large", "huge_string", replaced(STRINGS, b"<si><t>", b"<si><t>" + b"a" * 17_000_000))
add("file_too_large", "merges", replaced(PEOPLE, b"</sheetData>", b"</sheetData><mergeCells>" + b"".join(
    b'<mergeCell ref="A%d:B%d"/>' % (at, at) for at in range(2000, 62_000)) + b"</mergeCells>"))


@kind("file_too_large")
def three_hundred_sheets(good: bytes) -> bytes:
    parts = unpack(good)
    extra = range(100, 400)
    parts[WORKBOOK] = parts[WORKBOOK].replace(b"</sheets>", b"".join(
        b'<sheet name="s%d" sheetId="%d" r:id="rId%d"/>' % (at, at, at) for at in extra) + b"</sheets>")
    parts[RELATIONS] = parts[RELATIONS].replace(b"</Relationships>", b"".join(
        b'<Relationship Id="rId%d" Type="worksheet" Target="worksheets/sheet%d.xml"/>' % (at, at) for at in extra) + b"</Relationships>")
    parts |= {f"xl/worksheets/sheet{at}.xml": b"<worksheet><sheetData/></worksheet>" for at in extra}
    return pack(parts)


for name, value in {"ref": b"#REF!", "na": b"#N/A", "spill": b"#SPILL!"}.items():
    add("flags:error", f"error_{name}", cell(b"<v>" + value + b"</v>", b't="e"'))
add("flags:error", "error_of_formula", cell(b"<f>1/0</f><v>#DIV/0!</v>", b't="e"'))
add("flags:error", "error_in_quotes", cell(b"<v>#VALUE!</v>", b"t = 'e'"))
add("flags:error", "not_a_number", cell(b"<v>NaN</v>"))
add("flags:error", "infinite", cell(b"<v>INF</v>"))
add("flags:uncached", "formula_never_run", cell(b"<f>1+1</f><v></v>"))
add("flags:uncached", "formula_without_v", cell(b"<f>1+1</f>"))
add("flags:formula", "formula", cell(b"<f>1+1</f><v>2</v>"))
add("flags:formula", "formula_of_empty_text", cell(b"<f>\"\"</f><v></v>", b't="str"'))
add("flags:formula", "formula_shared", cell(b'<f t="shared" ref="Z5:Z6" si="0">A5</f><v>2</v>'))
add("flags:formula", "formula_fetching", cell(b'<f>WEBSERVICE("http://127.0.0.1/")</f><v>2</v>'))

add("note:dde_link", "dde_formula", cell(b"<f>cmd|'/C calc'!A0</f><v>0</v>"))
add("note:dde_link", "dde_part", with_part("xl/externalLinks/a.xml", b'<externalLink><ddeLink ddeService="cmd"/></externalLink>'))
add("note:external_links", "external_book", with_part("xl/externalLinks/externalLink1.xml", b"<externalLink/>"))
add("note:external_links", "connection", with_part("xl/connections.xml", b"<connections/>"))
add("note:macros", "macros", with_part("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + bytes(600)))
add("note:macros", "macro_sheet", with_part("xl/macrosheets/sheet1.xml", b"<macrosheet/>"))
add("note:drop_downs_changed", "drop_downs_removed", substituted(PEOPLE, rb"<dataValidations.*</dataValidations>", b""))
add("note:drop_downs_changed", "drop_down_redirected", replaced(PEOPLE, b">dm_sex<", b">'C:\\a.xlsx'!A1:A9<"))

add("harmless", "looks_like_command", cell(TEXT % b"=cmd|'/C calc'!A0", b't="inlineStr"'))
add("harmless", "looks_like_formula", cell(TEXT % b"+84 912 000 000", b't="inlineStr"'))
add("harmless", "looks_like_mention", cell(TEXT % b"@SUM(A1)", b't="inlineStr"'))
add("harmless", "looks_like_error", cell(TEXT % b"#REF!", b't="inlineStr"'))
add("harmless", "decomposed_text", cell(TEXT % unicodedata.normalize("NFD", "Đã về địa phương").encode(), b't="inlineStr"'))
add("harmless", "longest_text", cell(TEXT % (b"a" * 32_767), b't="inlineStr"'))
add("harmless", "escaped_line_break", cell(TEXT % b"a&#10;b _x000D_", b't="inlineStr"'))
add("harmless", "dimension_too_small", substituted(PEOPLE, rb'<dimension ref="[^"]*"', b'<dimension ref="A1"'))
add("harmless", "dimension_too_large", substituted(PEOPLE, rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"'))
add("harmless", "styled_rows", row(b"".join(b'<row r="%d"><c r="A%d" s="1"/><c r="Z%d" s="1"/></row>' % (at, at, at)
                                            for at in range(1000, 21_000))))
add("harmless", "styled_to_the_last_row", row(b'<row r="1048576"><c r="A1048576" s="1"/><c r="XFD1048576" s="1"/></row>'))
add("harmless", "hidden_sheet", replaced(WORKBOOK, SHEET_4, SHEET_4 + b' state="veryHidden"'))
add("harmless", "xml_comment", replaced(PEOPLE, b"<sheetData>", b"<!-- saved by a tool --><sheetData>"))
add("harmless", "dates_from_1904", replaced(WORKBOOK, b"<workbookPr ", b'<workbookPr date1904="0" '))
add("harmless", "byte_order_mark", changed(STRINGS, lambda part: b"\xef\xbb\xbf" + part))
add("harmless", "absolute_target", replaced(RELATIONS, b'"worksheets/sheet3.xml"', b'"/xl/worksheets/sheet3.xml"'))
add("harmless", "page_breaks", replaced(PEOPLE, b"<ignoredErrors>", b'<rowBreaks count="1"><brk id="9"/></rowBreaks><ignoredErrors>'))
