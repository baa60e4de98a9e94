"""What a run leaves behind: the promised files and columns, rows that add up, places that exist, and nobody's data."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from journey import EXPECTATIONS, FORM, PERIOD, Said, book_of, books_below, change_info, command, folders_in, rows_of
from openpyxl import load_workbook

from pipeline.demo.make import make_demo
from pipeline.register import read_register
from pipeline.statistics import STATUS_LABELS
from pipeline.write.register import write_register
from pipeline.write.template import write_workbook

PRIVATE = "Bí mật của riêng tôi"
FIRST_ROW = 5
TABLES = ("statistics.csv", "findings.csv", "completeness.csv", "run.json")


class Ran(NamedTuple):
    """A run: its folders, and what it printed."""

    root: Path
    told: Said

    @property
    def period(self) -> Path:
        """Return the published folder."""
        return self.root / "outputs" / PERIOD


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Two communes with planted mistakes and secrets; one hamlet each is missing, stale, nil and blocked."""
    root = tmp_path_factory.mktemp("office")
    inputs = root / "inputs"
    make_demo(inputs, communes=2, hamlets=4, people=10, mistakes=45, seed=11)
    book_of(inputs, "X001-02").unlink()
    change_info(book_of(inputs, "X001-03"), "period", "2026-04")
    write_nil(inputs)
    book_of(inputs, "X002-03").write_bytes(b"no workbook at all")
    type_secrets(book_of(inputs, "X002-02"))
    return Ran(root, command("run", *folders_in(root)))


def write_nil(inputs: Path) -> None:
    """Replace the workbook of X001-04 by a nil return."""
    units = {unit.unit_id: unit for unit in read_register(inputs).units}
    info = {"hamlet_id": "X001-04", "hamlet_name": units["X001-04"].full_name, "commune_id": "X001",
            "commune_name": units["X001"].full_name, "period": PERIOD, "cutoff_date": date(2026, 5, 14)}
    write_workbook(book_of(inputs, "X001-04"), FORM, "hamlet", info, {}, [sheet.key for sheet in FORM.data_sheets("hamlet")])


def type_secrets(path: Path) -> None:
    """Type a secret wherever a cell can be misunderstood: free text, dates, codes, numbers, ticks, a header of one's own."""
    book = load_workbook(path)
    people = book["Danh sách"]
    people.cell(FIRST_ROW - 1, people.max_column + 1).value = f"{PRIVATE} (cột)"
    for at, cell in enumerate(list(people[FIRST_ROW - 1])[:-1]):
        if not str(cell.value).startswith(("Họ và tên", "Mã hồ sơ")):
            people.cell(FIRST_ROW + at % 8, cell.column).value = PRIVATE
    for name in ("Hỗ trợ", "Vay vốn", "Tuyên truyền"):
        for cell in book[name][FIRST_ROW - 1]:
            book[name].cell(FIRST_ROW, cell.column).value = PRIVATE
    book.save(path)


def people_of(inputs: Path) -> Iterator[tuple[str, str, object]]:
    """Yield name, identity number and birth of everybody on a list."""
    for path in books_below(inputs):
        try:
            book = load_workbook(path)
        except zipfile.BadZipFile:
            continue
        if "Danh sách" in book.sheetnames:
            keys = [cell.value for cell in book["Danh sách"][FIRST_ROW - 2]]
            for row in book["Danh sách"].iter_rows(min_row=FIRST_ROW, values_only=True):
                known = dict(zip(keys, row, strict=True))
                yield str(known["full_name"] or ""), str(known["citizen_id"] or ""), known["birth"]


def texts_of(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every text below a folder: each file, and each member of each workbook."""
    for path in (one for one in sorted(folder.rglob("*")) if one.is_file()):
        name = path.relative_to(folder).as_posix()
        yield f"name of {name}", name
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for member in archive.namelist():
                    yield f"{name} › {member}", archive.read(member).decode("utf-8", "replace")
        else:
            yield name, path.read_bytes().decode("utf-8", "replace")


def spellings(name: str, number: str, birth: object) -> Iterator[str]:
    """Yield what a person could be known by, however it is written."""
    if name and name != PRIVATE:
        yield from (unicodedata.normalize(form, one) for form in ("NFC", "NFD") for one in (name, name.upper()))
    if len(number) >= 9 and number.isdigit():
        yield number
        yield str(int(number))
    if isinstance(birth, datetime):
        yield from (f"{birth:%d/%m/%Y}", f"{birth.day}/{birth.month}/{birth.year}", f"{birth:%Y-%m-%d}", f"{birth:%d.%m.%Y}")
        yield f"<v>{(birth - datetime(1899, 12, 30)).days}</v>"


def test_every_promised_file_is_there_and_no_other(ran: Ran) -> None:
    units = {unit.unit_id: unit for unit in read_register(ran.root / "inputs").units}
    communes = {f"{units[unit_id].folder}/thong-ke.xlsx" for unit_id in ("X001", "X002")}
    above = {f"tong-hop-{units[unit_id].folder}.xlsx" for unit_id in ("C01", "T01")}
    made = {path.relative_to(ran.period).as_posix() for path in ran.period.rglob("*") if path.is_file()}
    assert {*communes, *above, *TABLES} <= made
    documents = {one.replace("thong-ke.xlsx", "bao-cao.docx") for one in communes}
    assert made - {*communes, *above, *TABLES} <= {"index.html", "tom-tat.txt", *documents}
    assert [path.name for path in (ran.root / "outputs").iterdir()] == [PERIOD]


@pytest.mark.parametrize(("name", "columns"), [
    ("statistics.csv", "period,cutoff,level,unit_id,unit_name,parent_id,indicator,value,reported,expected"),
    ("findings.csv", "period,commune_id,hamlet_id,file,sheet,row,column,cell,code,severity,message,fix"),
    ("completeness.csv", "unit_id,unit_name,status,file,sha256,rows_read,rows_counted,rows_set_aside,rows_outside"),
])
def test_tables_open_in_a_spreadsheet_with_the_promised_columns(ran: Ran, name: str, columns: str) -> None:
    raw = (ran.period / name).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf" + columns.encode() + b"\r\n")
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\xef\xbb\xbf") == 1


def test_statistics_tell_every_indicator_of_every_unit(ran: Ran) -> None:
    rows = rows_of(ran.period / "statistics.csv")
    assert {(row["level"], row["unit_id"], row["parent_id"]) for row in rows} == {
        *(("hamlet", f"X00{commune}-0{hamlet}", f"X00{commune}") for commune in (1, 2) for hamlet in (1, 2, 3, 4)),
        ("commune", "X001", "C01"), ("commune", "X002", "C01"), ("cluster", "C01", "T01"), ("province", "T01", "")}
    for unit_id, born in (("X001-01", ("hamlet", "both")), ("X001", ("hamlet", "commune", "both"))):
        assert [row["indicator"] for row in rows if row["unit_id"] == unit_id] == [
            one.key for one in FORM.indicators if one.born in born]
    assert {(row["period"], row["cutoff"]) for row in rows} == {(PERIOD, "2026-05-14")}


def test_a_unit_that_did_not_report_has_no_value_and_a_nil_return_has_0(ran: Ran) -> None:
    values = {(row["unit_id"], row["indicator"]): row["value"] for row in rows_of(ran.period / "statistics.csv")}
    silent = {value for (unit_id, _), value in values.items() if unit_id in ("X001-02", "X002-03")}
    assert silent == {""}
    assert values["X001-04", "total"] == "0"
    assert values["X001-04", "employed_rate"] in ("", "-")
    assert all(re.fullmatch(r"-|\d*|\d+\.\d", value) for value in values.values())


def test_reported_and_expected_count_the_hamlets(ran: Ran) -> None:
    told = {row["unit_id"]: (row["reported"], row["expected"]) for row in rows_of(ran.period / "statistics.csv")
            if row["indicator"] == "total"}
    assert (told["X001"], told["X002"], told["X001-02"], told["X001-01"]) == (("3", "4"), ("3", "4"), ("0", "1"), ("1", "1"))


def test_completeness_says_what_became_of_every_unit(ran: Ran) -> None:
    statuses = {row["unit_id"]: row["status"] for row in rows_of(ran.period / "completeness.csv")}
    expected = {"X001-02": "missing", "X001-03": "stale", "X001-04": "nil", "X002-03": "blocked"}
    assert statuses == {**dict.fromkeys(statuses, "reported"), **expected}
    assert len(statuses) == 10
    assert set(statuses.values()) <= set(STATUS_LABELS)


def test_every_row_read_is_counted_or_set_aside_or_outside(ran: Ran) -> None:
    rows = rows_of(ran.period / "completeness.csv")
    for row in rows:
        read, *parts = (int(row[f"rows_{kind}"]) for kind in ("read", "counted", "set_aside", "outside"))
        assert read == sum(parts), row
    counts = json.loads((ran.period / "run.json").read_text(encoding="utf-8"))["counts"]["rows"]
    assert counts == {kind: sum(int(row[f"rows_{kind}"]) for row in rows) for kind in ("read", "counted", "set_aside", "outside")}
    assert min(counts.values()) > 0


def test_hashes_are_those_of_the_files(ran: Ran) -> None:
    told = json.loads((ran.period / "run.json").read_text(encoding="utf-8"))["inputs"]
    files = {path.relative_to(ran.root / "inputs").as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
             for path in books_below(ran.root / "inputs")}
    assert told == files
    assert {row["file"]: row["sha256"] for row in rows_of(ran.period / "completeness.csv") if row["file"]} == files


def test_run_json_says_how_the_figures_were_made(ran: Ran) -> None:
    facts = json.loads((ran.period / "run.json").read_text(encoding="utf-8"))
    assert {"command", "program_version", "form_version", "period", "cutoff", "previous_cutoff", "settings", "inputs", "counts",
            "durations", "exit_code"} <= set(facts)
    assert (facts["command"], facts["period"], facts["cutoff"], facts["previous_cutoff"]) == (
        "run", PERIOD, "2026-05-14", "2026-04-14")
    assert facts["exit_code"] == ran.told.code == 1
    assert {"find", "read", "merge", "validate", "aggregate", "write"} <= set(facts["durations"])
    found = rows_of(ran.period / "findings.csv")
    assert facts["counts"]["findings"] == {severity: sum(row["severity"] == severity for row in found)
                                           for severity in ("critical", "warning", "info")}


def test_findings_point_at_cells_that_exist_under_the_header_they_name(ran: Ran) -> None:
    books = {path.relative_to(ran.root / "inputs").as_posix(): load_workbook(path)
             for path in books_below(ran.root / "inputs") if zipfile.is_zipfile(path)}
    pointing = [row for row in rows_of(ran.period / "findings.csv") if row["cell"]]
    assert len(pointing) > 40
    for row in pointing:
        sheet = books[row["file"]][row["sheet"]]
        cell = sheet[row["cell"]]
        assert cell.row == int(row["row"]) <= sheet.max_row
        if row["sheet"] != "Thông tin" and row["column"]:
            assert str(sheet.cell(FIRST_ROW - 1, cell.column).value).removesuffix(" *") == row["column"]


def test_every_finding_says_who_where_what_and_how_to_mend_it(ran: Ran) -> None:
    rows = rows_of(ran.period / "findings.csv")
    assert {row["period"] for row in rows} == {PERIOD}
    assert all(row["commune_id"] in ("X001", "X002") and row["message"] and row["fix"] for row in rows)
    assert not [row for row in rows if re.search(r"[{}]", row["message"] + row["fix"])]
    assert {row["file"] for row in rows} <= {"", *(path.relative_to(ran.root / "inputs").as_posix()
                                                   for path in books_below(ran.root / "inputs"))}


def test_nobody_s_name_number_or_birth_date_leaves_the_inputs(ran: Ran) -> None:
    known = {spelling for person in people_of(ran.root / "inputs") for spelling in spellings(*person)}
    assert len(known) > 300
    pattern = re.compile("|".join(map(re.escape, sorted(known))), re.IGNORECASE)
    texts = [*texts_of(ran.root / "outputs"), *texts_of(ran.root / "state"), ("stdout", ran.told.out), ("stderr", ran.told.err)]
    assert len(texts) > 60
    assert [where for where, text in texts if pattern.search(text)] == []


def test_no_text_that_was_typed_leaves_the_inputs(ran: Ran) -> None:
    secret = [unicodedata.normalize(form, PRIVATE) for form in ("NFC", "NFD")]
    texts = [*texts_of(ran.root / "outputs"), *texts_of(ran.root / "state"), ("stdout", ran.told.out), ("stderr", ran.told.err)]
    assert [where for where, text in texts if any(one.casefold() in text.casefold() for one in secret)] == []
    assert len([row for row in rows_of(ran.period / "findings.csv") if row["hamlet_id"] == "X002-02"]) > 20


def test_the_scan_would_find_what_it_looks_for(ran: Ran, tmp_path: Path) -> None:
    name = next(name for name, _, _ in people_of(ran.root / "inputs") if name and name != PRIVATE)
    (tmp_path / "leak.csv").write_text(f"a,{unicodedata.normalize('NFD', name)}", encoding="utf-8")
    pattern = re.compile("|".join(map(re.escape, spellings(name, "", None))), re.IGNORECASE)
    assert [where for where, text in texts_of(tmp_path) if pattern.search(text)] == ["leak.csv"]


def test_no_path_of_this_machine_leaves_it(ran: Ran) -> None:
    paths = (str(ran.root), f"{Path.home()}/")
    assert [where for where, text in texts_of(ran.root / "outputs") if any(path in text for path in paths)] == []


def test_a_name_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    make_demo(inputs, hamlets=2, people=3, seed=3)
    renamed = ("X001-01", "X001", "C01")
    write_register(inputs / "don-vi.xlsx", [replace(unit, type="", name="=1+1") if unit.unit_id in renamed else unit
                                            for unit in read_register(inputs).units])
    book_of(inputs, "X001-02").unlink()
    assert command("run", *folders_in(tmp_path)).code in (0, 1)
    period = tmp_path / "outputs" / PERIOD
    for row in (*rows_of(period / "statistics.csv"), *rows_of(period / "completeness.csv"), *rows_of(period / "findings.csv")):
        assert not [value for key, value in row.items() if value.startswith(("=", "+", "@"))], row
    for where, text in texts_of(period):
        assert not re.search(r"<f>[^<]*1\+1", text), where


def test_the_same_inputs_give_the_same_bytes(ran: Ran, tmp_path: Path) -> None:
    shutil.copytree(ran.root / "inputs", tmp_path / "inputs")
    command("run", *folders_in(tmp_path))
    again = tmp_path / "outputs" / PERIOD
    for path in (one for one in ran.period.rglob("*") if one.is_file() and one.name != "run.json"):
        assert path.read_bytes() == (again / path.relative_to(ran.period)).read_bytes(), path.name


def test_the_readme_shows_what_the_sample_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (EXPECTATIONS.parent / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    command("demo", "inputs", "--sample")
    command("run", "--period", "2024-05")
    assert command("run").out in readme
    command("demo", "practice", "--hamlets", 2, "--people", 6, "--mistakes", 4)
    assert command("check", *Path("practice").rglob("*X001-01_*.xlsx"), "--inputs", "practice").out in readme
    for name in ("statistics.csv", "completeness.csv", "findings.csv"):
        text = Path("outputs/2024-05", name).read_text(encoding="utf-8-sig")
        shown = next(block for block in re.findall(r"```\n(.*?)```", readme, re.DOTALL) if block.startswith(text.split("\n")[0]))
        assert len(shown.splitlines()) > 1
        for line in shown.splitlines():
            assert re.search(re.escape(line).replace("…", ".*"), text), line
