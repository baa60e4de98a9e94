"""Place: which unit a workbook is for, at the cut-off, and which workbook stands for a unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath

from pipeline.choose import Last, Nobody, Placed, choose_workbook, judge_period, refused, say_last, say_troubles
from pipeline.finding import Finding
from pipeline.form import FORM_VERSION
from pipeline.statistics import Edition
from pipeline.text import fold
from pipeline.tidy.batch import Workbook
from pipeline.tidy.codes import nearest
from pipeline.units import Register, Unit, is_safe_id
from pipeline.word import Speaker


@dataclass(frozen=True)
class Intake:
    """What was handed in: at most one countable workbook per unit, and what is to be said about the rest."""

    placed: tuple[Placed, ...]
    register: Register
    findings: tuple[Finding, ...]


def place_workbooks(books: Sequence[Workbook], register: Register, edition: Edition, speaker: Speaker, last: Last | None = None) -> Intake:
    """Find each workbook's unit, choose one workbook per unit, and report every doubt.

    For a workbook that cannot be counted as it is now, its last accepted version stands, where `last` knows one.
    """
    last = last or Nobody()
    if not register.given:
        lost = [known[0] for book in books if not _names_unit(book) and (known := last.of_workbook(book.name))]
        register = register_from([*books, *lost])
    findings: list[Finding] = []
    by_unit: dict[str, list[Placed]] = {}
    stood_in: dict[int, list[Workbook]] = {}
    for book in books:
        placed, found = _place(book, register, edition, speaker)
        findings += found
        if standing := _stand_in(book, placed, found, register, edition, speaker, last):
            findings += say_troubles(placed, speaker) if placed else ()
            stood_in.setdefault(standing.book.number, []).append(book)
            placed = standing
        if placed:
            by_unit.setdefault(placed.unit.unit_id, []).append(placed)
    chosen: list[Placed] = []
    for candidates in by_unit.values():
        kept, found = choose_workbook(candidates, edition, speaker, last)
        chosen += kept
        findings += found
    for one in chosen:
        findings += judge_period(one, edition, speaker)
        findings += say_troubles(one, speaker)
        if one.received:
            findings += [say_last(one, book, speaker) for book in stood_in.get(one.book.number, [one.book])]
    rank = {unit.unit_id: at for at, unit in enumerate(register.at(edition.cutoff))}
    chosen.sort(key=lambda one: (rank[one.unit.unit_id], one.book.name))
    return Intake(tuple(chosen), register, tuple(findings))


def register_from(books: Iterable[Workbook]) -> Register:
    """Make the units from what the workbooks say of themselves; nobody knows then who is missing.

    A code that cannot be one makes no unit: its workbook is reported, the others are counted.
    """
    communes: dict[str, set[str]] = {}
    hamlets: dict[str, set[tuple[str, str]]] = {}
    for book in books:
        if not is_safe_id(book.commune_id):
            continue
        communes.setdefault(book.commune_id, set()).add(book.commune_name or book.commune_id)
        if is_safe_id(book.hamlet_id):
            hamlets.setdefault(book.hamlet_id, set()).add((book.hamlet_name or book.hamlet_id, book.commune_id))
    units = [Unit(unit_id, "commune", "", min(names)) for unit_id, names in sorted(communes.items())]
    for unit_id, found in sorted(hamlets.items()):
        if unit_id not in communes:
            name, parent = min(found)
            units.append(Unit(unit_id, "hamlet", "", name, parent))
    return Register(tuple(units), given=False)


def _names_unit(book: Workbook) -> bool:
    return bool(book.commune_id and (book.hamlet_id or book.profile == "commune"))


def _place(book: Workbook, register: Register, edition: Edition, speaker: Speaker) -> tuple[Placed | None, list[Finding]]:
    if refused(book):
        return _place_by_name(book, register, edition, speaker)
    sheet, column = "info", "commune_id" if book.profile == "commune" else "hamlet_id"
    unit_id = book.commune_id if book.profile == "commune" else book.hamlet_id
    reading = [speaker.say_trouble(trouble, book, None, None) for trouble in book.troubles]
    if not unit_id or (not register.given and not book.commune_id):
        return None, [*reading, speaker.say("unit_missing", book, None, None, sheet, column="commune_id" if unit_id else column)]
    known, unit = register.known(unit_id), register.find(unit_id, edition.cutoff)
    if known is None or known.level != book.profile:
        near = "" if known else _two_nearest(unit_id, register, book.profile)
        return None, [*reading, speaker.say("unit_unknown", book, None, None, sheet, column=column, unit=unit_id, suggestion=near)]
    if unit is None:
        return None, [speaker.say("unit_outside", book, known, _past_commune(known, register), unit=known.full_name,
                                  cutoff=f"{edition.cutoff:%d/%m/%Y}")]
    commune = _commune(unit, register, edition.cutoff)
    findings = _judge_names(book, unit, commune, register, edition, speaker)
    blocked = any(f.severity == "critical" for f in findings) or _uncountable(book)
    return Placed(book, unit, commune, blocked=blocked), findings


def _uncountable(book: Workbook) -> bool:
    """Tell whether nobody knows whose workbook it is, or a hamlet's list or all of a commune's could not be read."""
    if any(trouble.code == "sheet_ambiguous" and trouble.sheet == "info" for trouble in book.troubles):
        return True
    if book.profile == "commune":
        return not set(book.rows_read) - book.refused
    return "people" not in book.rows_read or "people" in book.refused or (
        book.rows_read["people"] == 0 and "people" not in book.nil)


def _stand_in(book: Workbook, placed: Placed | None, found: Sequence[Finding], register: Register, edition: Edition, speaker: Speaker,
              last: Last) -> Placed | None:
    """Return the last accepted version of a workbook that cannot be counted; None when it can, and when there is none."""
    if not (placed.blocked if placed else any(finding.severity == "critical" for finding in found)):
        return None
    known = last.of_workbook(book.name) or (last.of_unit(placed.unit.unit_id) if placed else None)
    earlier = _place(known[0], register, edition, speaker)[0] if known else None
    return replace(earlier, received=known[1]) if known and earlier and not earlier.blocked else None


def _place_by_name(book: Workbook, register: Register, edition: Edition, speaker: Speaker) -> tuple[Placed | None, list[Finding]]:
    """Place a workbook that cannot be opened by the unit code in its file name, so that its unit is not called missing."""
    parts = PurePosixPath(book.name).stem.split("_")
    for part in parts if register.given else ():
        unit = register.find(part, edition.cutoff)
        if unit and unit.level in ("hamlet", "commune"):
            return Placed(book, unit, _commune(unit, register, edition.cutoff), blocked=True), []
    return None, [speaker.say_trouble(trouble, book, None, None) for trouble in book.troubles]


def _commune(unit: Unit, register: Register, day: date) -> Unit | None:
    return unit if unit.level == "commune" else register.parent(unit, day)


def _past_commune(unit: Unit, register: Register) -> Unit | None:
    """Return the commune that a unit had or will have, when it is not valid at the cut-off."""
    return unit if unit.level == "commune" else register.known(unit.parent_id)


def _two_nearest(unit_id: str, register: Register, level: str) -> str:
    ids = [unit.unit_id for unit in register.units if unit.level == level]
    first = nearest(unit_id, ids)
    second = nearest(unit_id, [one for one in ids if one != first]) if first else ""
    return f" Gần nhất: {', '.join(one for one in (first, second) if one)}." if first else ""


def _judge_names(book: Workbook, unit: Unit, commune: Unit | None, register: Register, edition: Edition,
                 speaker: Speaker) -> list[Finding]:
    findings = []
    if unit.level == "hamlet" and register.given and not _same_name(book.hamlet_name, unit):
        other = next((u for u in register.children(edition.cutoff).get(commune.unit_id if commune else "", ())
                      if u.unit_id != unit.unit_id and book.hamlet_name and _same_name(book.hamlet_name, u)), None)
        code = "unit_conflict" if other else "unit_name_differs"
        findings.append(speaker.say(code, book, unit, commune, "info", column="hamlet_name", unit=unit.full_name,
                                    other=other.full_name if other else ""))
    if book.commune_id and commune and book.commune_id != commune.unit_id and register.given:
        findings.append(speaker.say("commune_differs", book, unit, commune, "info", column="commune_id", unit=commune.full_name))
    if book.template_version and book.template_version != FORM_VERSION:
        findings.append(speaker.say("template_differs", book, unit, commune, "info", found=book.template_version,
                                    current=FORM_VERSION))
    return [*findings, *_judge_sheets(book, unit, commune, speaker)]


def _same_name(written: str, unit: Unit) -> bool:
    return not written or fold(written) in (fold(unit.name), fold(unit.full_name))


def _judge_sheets(book: Workbook, unit: Unit, commune: Unit | None, speaker: Speaker) -> Iterator[Finding]:
    """Tell a nil return from an empty sheet, and a nil tick from rows."""
    for sheet in speaker.form.data_sheets(book.profile):
        rows = None if sheet.key in book.refused else book.rows_read.get(sheet.key)
        if rows and sheet.key in book.nil:
            yield speaker.say("nil_with_rows", book, unit, commune, sheet.key, count=rows)
        elif rows == 0 and sheet.key not in book.nil:
            yield speaker.say("people_empty" if sheet.key == "people" else "sheet_empty", book, unit, commune, sheet.key)


