"""Altered templates and injected content: read safely, reported, and nothing of it leaves, as a formula or as text."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from hostile import PEOPLE, STRINGS, WORKBOOK, changed, pack, unpack
from intake import CUTOFF, FORM, PERIOD, Row, act, hamlet_book, loan, person, settings_for, write_units
from journey import change_info, rows_of, snapshot
from nights import TODAY
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from pipeline.night import spend
from pipeline.outcome import Outcome
from pipeline.units import Unit

MARK = "ĐỘCX"
"""Stands in every injected text; it must be found nowhere afterwards."""
LEADS = ("=", "+", "-", "@", "\t=", "\r=", "|", "'=", "＝", "=HYPERLINK(\"http://127.0.0.1/\",", "=cmd|'/C calc'!")
DISTRICT, COMMUNE = Unit("TY", "district", "Huyện", "Tân Yên"), Unit("HD", "commune", "Xã", "Hợp Đức", "TY")
HAMLETS = tuple(Unit(f"HD-{at:02}", "hamlet", "Thôn", f"Số {at}", "HD") for at in range(4))
KEYS = {b"helper": b">occupation<", b"occupation": b">helper<"}
TYPED = ("text", "code", "record_id")
"""Types of columns in which staff type words."""


def injected(at: int) -> str:
    return f"{LEADS[at % len(LEADS)]}{MARK}{at}"


def inject(rows: list[Row], sheet: str) -> list[Row]:
    """Return rows with an injected text in every column that takes words; names that acts refer to by stay what they are."""
    columns = [column.key for column in FORM.sheet[sheet].columns if column.type in TYPED and column.key not in ("full_name", "person")]
    return [row | {key: injected(at + place) for place, key in enumerate(columns)} for at, row in enumerate(rows)]


def spoil(data: bytes) -> bytes:
    """Put formulas, links, macros, DDE and other drop-downs into a finished workbook, and swap two of its hidden keys."""
    lists = f'<dataValidation type="list" sqref="E5"><formula1>"{MARK}1,{MARK}2"</formula1></dataValidation>'
    for maker in (
            changed(PEOPLE, lambda part: computed(part, b"H5", f"[1]{MARK}!A1")),
            changed(PEOPLE, lambda part: computed(part, b"H6", f"{MARK}|'/C calc'!A0")),
            changed(PEOPLE, lambda part: re.sub(rb"<dataValidation .*</dataValidation>", lists.encode(), part)),
            changed(STRINGS, lambda part: part.replace(b">citizen_id<", f">=citizen_{MARK}<".encode())),
            changed(STRINGS, lambda part: re.sub(rb">(helper|occupation)<", lambda key: KEYS[key[1]], part)),
            changed("docProps/core.xml", lambda part: re.sub(rb"(<dc:creator>).*?<", rb"\1=" + MARK.encode() + b"<", part)),
            changed(WORKBOOK, lambda part: part.replace(
                b"<definedNames>", f'<definedNames><definedName name="Auto_Open">{MARK}!A1</definedName>'.encode()))):
        data = maker(data)
    return pack({**unpack(data), **{name: content.encode() for name, content in {
        "xl/externalLinks/externalLink1.xml": f'<externalLink><ddeLink ddeService="cmd" ddeTopic="/C {MARK}"/></externalLink>',
        "xl/externalLinks/_rels/externalLink1.xml.rels": f'<Relationships><Relationship Target="http://127.0.0.1/{MARK}"/></Relationships>',
        "xl/connections.xml": f'<connections><connection connectionString="DSN={MARK}"/></connections>',
        "xl/vbaProject.bin": f"Shell {MARK}"}.items()}})


def computed(part: bytes, address: bytes, formula: str) -> bytes:
    """Give a number the formula that it is said to come from."""
    return re.sub(rb'(<c r="%b"[^>]*>)(<v>)' % address, rb"\1<f>" + formula.encode() + rb"</f>\2", part)


@pytest.fixture(scope="module", params=["with a register", "without one"])
def night(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """Publish one good workbook among those with injected content; return the folder and the outcome."""
    root = tmp_path_factory.mktemp("injected")
    inputs = root / "inputs"
    if request.param == "with a register":
        write_units(inputs, [DISTRICT, COMMUNE, *HAMLETS])
    for at, unit in enumerate(HAMLETS):
        book, path = hamlet_book(unit, COMMUNE, 3 * at), inputs / f"{'=+-@'[at]}{MARK}{at} {unit.unit_id}.xlsx"
        people = [person(3 * at + one) for one in range(3)]
        book.rows = {"people": people, "support": [act(people[0])], "loans": [loan(people[1])],
                     "outreach": [{"date": CUTOFF, "channel": "Mạng xã hội", "sessions": 2}]}
        if at:
            book.rows = {sheet: inject(rows, sheet) for sheet, rows in book.rows.items()}
            book.info |= {"prepared_by": injected(at), "prepared_on": injected(at + 1)}
        book.edit = rename if at == 2 else None
        book.write(path)
        if at == 1:
            path.write_bytes(spoil(path.read_bytes()))
        if at == 3:
            change_info(path, "hamlet_name", injected(0))
            change_info(path, "cutoff_date", injected(4))
    outcome = spend(settings_for(inputs), TODAY, isolated=False).outcome
    assert outcome is not None
    return root, outcome


def rename(book: Workbook) -> None:
    """Call a foreign sheet, a header and a comment by injected texts."""
    book.create_sheet(f"={MARK}"[:31])["A1"] = injected(0)
    sheet = book["Danh sách"]
    sheet.cell(4, sheet.max_column + 1).value = injected(1)
    sheet.cell(5, sheet.max_column).value = injected(2)


def texts(root: Path) -> dict[str, str]:
    """Return every text that was written, parts of workbooks one by one; not what is only for the readers' own folder of state."""
    found = {}
    for name, data in {**snapshot(root / "outputs"), **snapshot(root / "state" / "log")}.items():
        if data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                found |= {f"{name}/{part}": archive.read(part).decode("utf-8", "replace") for part in archive.namelist()}
        else:
            found[name] = data.decode("utf-8-sig")
    return found


def test_each_is_reported(night: tuple[Path, Outcome]) -> None:
    _, outcome = night
    codes = {finding.code for finding in outcome.findings if finding.file.startswith("+")}
    assert {"formula_in_cell", "dde_link", "external_links", "macros", "drop_downs_changed", "header_differs", "code_unknown"} <= codes
    assert not [finding for finding in outcome.findings if finding.file.startswith("=")]
    assert {"column_unknown"} <= {finding.code for finding in outcome.findings if finding.file.startswith("-")}
    assert {"cutoff_unreadable"} <= {finding.code for finding in outcome.findings if finding.file.startswith("@")}


def test_everybody_is_counted(night: tuple[Path, Outcome]) -> None:
    root, _ = night
    totals = {row["unit_id"]: row["value"] for row in rows_of(root / "outputs" / PERIOD / "statistics.csv") if row["indicator"] == "total"}
    assert {unit_id: totals.get(unit_id) for unit_id in ("HD", *(unit.unit_id for unit in HAMLETS))} == {
        "HD": "12", **{unit.unit_id: "3" for unit in HAMLETS}}


def test_none_of_the_injected_text_leaves(night: tuple[Path, Outcome]) -> None:
    root, outcome = night
    written = texts(root)
    names = {finding.file for finding in outcome.findings} | set(outcome.inputs)
    named = [json.dumps(name, ensure_ascii=False)[1:-1] for name in names] + [name.replace("&", "&amp;") for name in names]
    if outcome.edition and "don-vi.xlsx" not in {path.name for path in (root / "inputs").iterdir()}:
        named.append(injected(0))  # without a register units are called what they call themselves
    for name, text in written.items():
        for one in sorted(named, key=len, reverse=True):
            text = text.replace(one, "")
        assert MARK not in text, name
    assert len(written) > 20


def test_the_formulas_of_the_outputs_are_ours(night: tuple[Path, Outcome]) -> None:
    root, _ = night
    formulas, links = set(), set()
    for path in (root / "outputs").rglob("*.xlsx"):
        for cell in (cell for sheet in load_workbook(path) for row in sheet.iter_rows() for cell in row):
            formulas |= {cell.value} if cell.data_type == "f" else set()
            links |= {cell.hyperlink.target} if cell.hyperlink else set()
    assert len(formulas) > 20
    assert {name for one in formulas for name in re.findall(r"[A-Z]+(?=\()", str(one))} <= {"SUM", "SUMIF", "IF", "ROUND", "MAX", "MIN"}
    assert not [one for one in formulas if re.search(r"[|\[@]|://", str(one))]
    assert not [one for one in links if one]


def test_no_line_of_a_table_begins_like_a_formula(night: tuple[Path, Outcome]) -> None:
    root, _ = night
    tables = [*(root / "outputs").rglob("*.csv"), *(root / "state" / "log").rglob("*.csv")]
    assert len(tables) >= 4
    for path in tables:
        for row in rows_of(path):
            for key, cell in row.items():
                assert not cell.startswith(("=", "+", "@", "\t", "\r")), f"{path.name} {key}"
                assert not re.match(r"-[^0-9]", cell), f"{path.name} {key}"
