"""The law of the nights: whatever happened meanwhile, a night publishes byte for byte what a full run would.

Invented stories of an office: what people do to workbooks, rules, register and outputs, and the nights in between. After each
night its outputs are compared with those of a full run over a copy of all that was there before; and where no earlier version
stands in for a workbook, with those of a run that remembers nothing.

More of them: python tests/test_incremental.py FIRST_SEED COUNT
"""

from __future__ import annotations

import csv
import io
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from intake import Row, person, write_units
from journey import rows_of
from nights import HARMS, LATER, Office, differences, edit_json, lock_of, published, workbooks_in

from pipeline.fault import Fault, where
from pipeline.ledger import LEDGER_FILE
from pipeline.night import Told
from pipeline.units import Unit

SEEDS = (68, 141, 369, 2902)
"""The stories told at every run of the tests; between them everything happens once."""
NIGHTS = 4
"""Nights of a story; up to three things happen before each."""
PATIENCE_TO_SHRINK = 120.0
"""Seconds spent on finding out which steps of a story that fails are needed."""
EARLIER = {"period": "2024-04", "cutoff": date(2024, 4, 6)}
Step = tuple[str, int]
"""What happens, and a number from which all its choices follow."""


@dataclass
class Story:
    """An office in the course of a story."""

    office: Office
    given: dict[str, object] = field(default_factory=dict)
    """Settings that somebody changed."""
    remembered: bool = False
    """Something is gone that only the state folder remembers."""
    kept: dict[str, bytes] = field(default_factory=dict)
    """What workbooks were before they were changed or taken away."""

    def pick(self, number: int) -> Path | None:
        """Return one of the workbooks that lie in inputs/."""
        names = workbooks_in(self.office.inputs)
        return self.office.path(names[number % len(names)]) if names else None

    def pick_hamlet(self, number: int) -> str:
        """Return the name of one of the hamlets' workbooks that were written."""
        names = sorted(name for name, book in self.office.books.items() if book.profile == "hamlet")
        return names[number % len(names)]

    def name(self, path: Path) -> str:
        return path.relative_to(self.office.inputs).as_posix()

    def keep(self, path: Path) -> Path:
        if path.exists():
            self.kept[self.name(path)] = path.read_bytes()
        return path


STEPS: dict[str, Callable[[Story, int], object]] = {}


def step(act: Callable[[Story, int], object]) -> Callable[[Story, int], object]:
    """Register something that may happen."""
    STEPS[act.__name__] = act
    return act


# Workbooks.

EXPUNGED = "Đã được xóa án tích"
CELLS: tuple[Row, ...] = (
    {"employment_status": "Chưa có việc làm", "occupation": None}, {"occupation": "Thợ mộc"}, {"sex": "Nữ"}, {"sex": "không rõ lắm"},
    {"end_date": date(2024, 4, 20), "end_reason": "Chuyển đi nơi khác"}, {"end_date": date(2024, 4, 20), "end_reason": EXPUNGED},
    {"end_date": date(2024, 3, 20), "end_reason": EXPUNGED}, {"end_date": date(2024, 5, 10), "end_reason": EXPUNGED},
    {"end_date": None, "end_reason": None}, {"citizen_id": "12345"}, {"citizen_id": None}, {"return_date": "hôm qua"},
    {"full_name": None}, {"release_date": None, "return_date": None},
    {"release_type": "Tha tù trước thời hạn có điều kiện", "probation_end_date": date(2025, 1, 1)}, {"org_women": "x"},
    {"note": "Bà con trong thôn giúp đỡ"})


@step
def edit_a_cell(story: Story, number: int) -> None:
    name = story.pick_hamlet(number)
    rows = story.office.books[name].rows.get("people", [])
    if rows:
        story.keep(story.office.path(name))
        rows[number % len(rows)].update(CELLS[number // 7 % len(CELLS)])
        story.office.write(name)


@step
def add_a_row(story: Story, number: int) -> None:
    """Write down one more person: a new one, or one who may stand in another workbook already."""
    name = story.pick_hamlet(number)
    story.keep(story.office.path(name))
    story.office.books[name].rows.setdefault("people", []).append(person(number % 200 if number % 3 else 300 + number % 200))
    story.office.write(name)


@step
def remove_a_row(story: Story, number: int) -> None:
    name = story.pick_hamlet(number)
    rows = story.office.books[name].rows.get("people", [])
    if rows:
        del rows[number % len(rows)]
        story.office.write(name)


@step
def state_another_period(story: Story, number: int) -> None:
    name = story.pick_hamlet(number)
    story.office.books[name].info["period"] = ("2024-04", "2024-05", "2024-06", None)[number // 5 % 4]
    story.office.write(name)


@step
def write_again(story: Story, number: int) -> None:
    """Save a workbook as it should be: what was broken, deleted or moved away is there again."""
    names = sorted(story.office.books)
    story.office.write(names[number % len(names)])


@step
def delete(story: Story, number: int) -> None:
    if path := story.pick(number):
        story.keep(path).unlink()


@step
def restore(story: Story, number: int) -> None:
    """Put back what a workbook once was."""
    if names := sorted(story.kept):
        path = story.office.path(names[number % len(names)])
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(story.kept[story.name(path)])


@step
def rename(story: Story, number: int) -> None:
    if path := story.pick(number):
        path.rename(path.with_name((f"{number}-{path.name}", f"{number}.xlsx")[number % 2]))


@step
def move(story: Story, number: int) -> None:
    if path := story.pick(number):
        (story.office.inputs / f"mới {number % 2}").mkdir(exist_ok=True)
        path.rename(story.office.inputs / f"mới {number % 2}" / path.name)


@step
def copy_beside(story: Story, number: int) -> None:
    if path := story.pick(number):
        shutil.copy2(path, path.with_name(f"{path.stem} ({number % 3}){path.suffix}"))


@step
def write_a_second(story: Story, number: int) -> None:
    """Write another workbook of the same unit and period."""
    name = story.pick_hamlet(number)
    book = story.office.books[name]
    other = replace(book, rows={"people": [person(500 + number % 100)]})
    other.write(story.office.path(name).with_name(f"{'az'[number % 2]} thứ hai.xlsx"))


@step
def swap_contents(story: Story, number: int) -> None:
    one, other = story.pick(number), story.pick(number // 3)
    if one and other:
        data = one.read_bytes()
        one.write_bytes(other.read_bytes())
        other.write_bytes(data)


@step
def touch(story: Story, number: int) -> None:
    if path := story.pick(number):
        os.utime(path, (number, number))


@step
def harm(story: Story, number: int) -> None:
    """Break a workbook."""
    if path := story.pick(number):
        kinds = sorted(HARMS)
        kind = kinds[number // 7 % len(kinds)]
        if kind.startswith("without") and path.stat().st_size < 5000:
            kind = "empty"
        try:
            HARMS[kind](story.keep(path))
        except (KeyError, StopIteration, OSError, ValueError):  # a commune's own, or broken already
            path.write_bytes(b"")


@step
def lock(story: Story, number: int) -> None:
    """Open a workbook, or close all."""
    locks = sorted(story.office.inputs.rglob("~$*"))
    if locks and number % 2:
        for one in locks:
            one.unlink()
    elif path := story.pick(number):
        lock_of(path).write_bytes(b"\x03lan".ljust(165, b" "))


@step
def vanish_while_saved(story: Story, number: int) -> None:
    if path := story.pick(number):
        story.remembered = True
        lock_of(story.keep(path)).write_bytes(b"\x03lan".ljust(165, b" "))
        path.unlink()


# Rules, register, settings.

@step
def change_a_severity(story: Story, number: int) -> None:
    path = sorted((story.office.root / "expectations").glob("*.json"))[number % 4]

    def edit(suite: dict[str, list[dict[str, object]]]) -> None:
        specs = suite["expectations"]
        specs[number // 4 % len(specs)]["severity"] = ("critical", "warning", "info")[number % 3]

    edit_json(path, edit)


@step
def add_a_rule(story: Story, number: int) -> None:
    column = ("note", "helper")[number % 2]
    rule = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": column}, "severity": "warning",
            "meta": {"code": "sex_missing"}}
    edit_json(story.office.root / "expectations" / "people.json", lambda suite: suite["expectations"].append(rule))


@step
def reword_a_finding(story: Story, number: int) -> None:
    path = story.office.root / "expectations" / "messages.csv"
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    rows[1 + number % (len(rows) - 1)][3] += " Nói thêm."
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")


@step
def change_the_register(story: Story, number: int) -> None:
    """Rename a unit, add a hamlet, end one, or move one to another commune."""
    units = list(story.office.units)
    hamlets = [at for at, unit in enumerate(units) if unit.level == "hamlet"]
    at = hamlets[number // 4 % len(hamlets)]
    if number % 4 == 0:
        at = number // 4 % len(units)
        units[at] = replace(units[at], name=f"{units[at].name} Mới")
    elif number % 4 == 1:
        units.append(Unit(f"{'AB'[number // 4 % 2]}{number}", "hamlet", "Thôn", f"Thôn {number}", "AB"[number // 4 % 2]))
    elif number % 4 == 2:
        units[at] = replace(units[at], valid_to=date(2024, 4, 30) if units[at].valid_to is None else None)
    else:
        units[at] = replace(units[at], parent_id="AB"[units[at].parent_id == "A"])
    if len({unit.unit_id for unit in units}) == len(units):
        story.office.units = tuple(units)
        write_units(story.office.inputs, units)


@step
def change_a_setting(story: Story, number: int) -> None:
    choices: tuple[dict[str, object], ...] = (
        {"conditional_release_policy": "from_release"}, {"conditional_release_policy": "after_probation"}, {"mass_orgs": ("front",)},
        {"cutoff": date(2024, 5, 14)}, {"cutoff_preset": "month_end"})
    story.given |= choices[number % len(choices)]


@step
def change_the_period(story: Story, number: int) -> None:
    """Publish another period for some nights."""
    for key in ("period", "cutoff"):
        story.given.pop(key, None)
    story.given |= ({}, EARLIER, LATER, {"period": "", "cutoff": None})[number % 4]


@step
def let_a_day_pass(story: Story, number: int) -> None:
    for _ in range(1 + number % 30):
        story.office.next_day()


# Outputs and state.

@step
def spoil_an_output(story: Story, number: int) -> None:
    files = sorted(path for path in story.office.outputs.glob("2*/**/*") if path.is_file())
    if not files:
        return
    path = files[number % len(files)]
    story.remembered |= path.name == "statistics.csv"
    if number % 2:
        path.unlink()
    else:
        path.write_bytes(b"edited by hand")


@step
def lose_tables(story: Story, number: int) -> None:
    """Damage the state folder: an Arrow file goes, or the whole ledger."""
    files = sorted((story.office.state / "tables").rglob("*.arrow"))
    if number % 5 == 0:
        (story.office.state / LEDGER_FILE).unlink(missing_ok=True)
    elif files and number % 5 < 3:
        files[number % len(files)].unlink()
    elif files:
        path = files[number % len(files)]
        path.write_bytes(path.read_bytes()[:-number % 300] + b"bit rot")


# Stories.

def invent(seed: int) -> list[Step]:
    """Return the steps of a story, the same for the same seed."""
    dice = random.Random(seed)
    steps: list[Step] = []
    for _ in range(NIGHTS):
        steps += [(dice.choice(sorted(STEPS)), dice.randrange(1000)) for _ in range(dice.randint(1, 3))]
        steps.append(("night", 0))
    return steps


def tell(steps: Iterable[Step]) -> str:
    """Live through a story; return what is wrong after the first night that publishes something else, nothing when all is well."""
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Office(Path(folder) / "office").open())
        story.office.night()
        for at, (what, number) in enumerate(steps):
            if what != "night":
                STEPS[what](story, number)
            elif wrong := spend_and_compare(story, Path(folder) / f"beside {at}"):
                return f"night {at}: {wrong}"
    return ""


def spend_and_compare(story: Story, beside: Path) -> str:
    """Spend a night; return how it differs from a full one, and from one that remembers nothing."""
    twin, stranger = story.office.copy(beside / "full"), story.office.copy(beside / "new", state=False)
    told = said(story.office, story)
    wrong = compare(story.office, told, twin, said(twin, story, full=True), "a full night")
    if not wrong and not story.remembered and not stands_in(story.office, told):
        wrong = compare(story.office, told, stranger, said(stranger, story), "a first night")
    shutil.rmtree(beside)
    return wrong


def stands_in(office: Office, told: Told | str) -> bool:
    """Tell whether an earlier version is counted, which only the state folder holds."""
    if isinstance(told, str):
        return False
    return "last_accepted" in {row["code"] for row in rows_of(office.outputs / told.period / "findings.csv")}


def said(office: Office, story: Story, full: bool = False) -> Told | str:
    """Spend a night; return what was told, or what went wrong."""
    try:
        return office.night(full=full, **story.given)
    except Fault as fault:
        return str(fault)
    except Exception as error:
        return f"{error} {where(error)}"


def compare(office: Office, told: Told | str, other: Office, other_told: Told | str, what: str) -> str:
    if isinstance(told, str) or isinstance(other_told, str):
        one, two = (one if isinstance(one, str) else "published" for one in (told, other_told))
        return "" if one == two else f"{what} says {two!r}, not {one!r}"
    if (told.exit_code, told.period) != (other_told.exit_code, other_told.period):
        return f"{what} told of {other_told.period, other_told.exit_code}, not of {told.period, told.exit_code}"
    found = differences(published(office.outputs, told.period), published(other.outputs, told.period))
    return f"{what} publishes something else: " + "; ".join(found) if found else ""


def shrink(steps: Sequence[Step]) -> list[Step]:
    """Leave out steps as long as the story still fails."""
    until, left = time.monotonic() + PATIENCE_TO_SHRINK, list(steps)
    size = len(left) // 2
    while size:
        for at in range(len(left) - size, -1, -1):
            shorter = left[:at] + left[at + size:]
            if time.monotonic() < until and len(shorter) < len(left) and tell(shorter):
                left = shorter
        size //= 2
    return left


def check(seed: int) -> str:
    """Tell the story of a seed; return what is wrong with it and which steps it takes."""
    import pipeline.collect

    pipeline.collect.time = time_that_does_not_pass()  # nobody copies anything here: what is torn stays so
    steps = invent(seed)
    wrong = tell(steps)
    if not wrong:
        return ""
    short = shrink(steps)
    return f"seed {seed}: {tell(short) or wrong}\n    tell({short})"


def time_that_does_not_pass() -> object:
    class Still:
        sleep = staticmethod(lambda seconds: None)

    return Still


def check_all(seeds: Iterable[int]) -> list[str]:
    """Tell many stories, as many at once as there are processors; return what is wrong."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as workers:
        return [wrong for wrong in workers.map(check, seeds) if wrong]


def test_whatever_can_happen_happens_in_the_stories() -> None:
    assert {what for seed in SEEDS for what, _ in invent(seed)} == {*STEPS, "night"}


def test_a_night_publishes_what_a_full_run_would() -> None:
    assert check_all(SEEDS) == []


if __name__ == "__main__":
    first, count = map(int, sys.argv[1:3])
    for seed in range(first, first + count, 20):
        for line in check_all(range(seed, min(seed + 20, first + count))):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        sys.stdout.write(f"{seed} ...\n")
