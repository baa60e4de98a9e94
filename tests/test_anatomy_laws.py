"""Laws of the anatomy: our own sheets, perturbed as staff would draw them, give the same rows and columns, or ask a person."""

from __future__ import annotations

import random

from anatomies import BLANK, Drawn
from hypothesis import given, settings
from hypothesis import strategies as st
from perturbed import SHEETS, Scene, perturb

from pipeline.anatomy.guess import guess_sheet
from pipeline.anatomy.map_headers import map_headers
from pipeline.anatomy.survey import survey_sheet
from pipeline.anatomy.values import DATA_KINDS, HeaderColumn, Kind, Survey
from pipeline.form import load_form
from pipeline.raw import Cell

FORM = load_form()
ENOUGH = settings(max_examples=150, deadline=None)
CELLS: list[Cell] = ["", "", "", "x", 1.0, 0.0, "STT", "Họ và tên", "Nam", "Tổng cộng", "I.", "Thôn Đông", "(1)", -1.0, None,
                     "Người lập biểu", "15/4/2024", "Ngày sinh", "\n", "....", True]
SEEDS = st.integers(0, 10**9)


def truth(drawn: Drawn) -> list[int]:
    return [row for row, kind in enumerate(drawn.kinds, start=1) if kind in DATA_KINDS]


def found(surveys: tuple[Survey, ...]) -> list[int]:
    return [row for one in surveys for row, _ in one.data_rows()]


def sure(surveys: tuple[Survey, ...]) -> bool:
    return bool(surveys) and all(one.grade in "AB" for one in surveys)


def is_right(scene: Scene, surveys: tuple[Survey, ...]) -> bool:
    mapped = [map_headers(one.columns, scene.sheet) for one in surveys]
    return found(surveys) == truth(scene.drawn) and all(one.keys == scene.keys for one in mapped)


@ENOUGH
@given(SEEDS)
def test_a_perturbed_sheet_gives_the_same_rows_and_columns_or_asks_a_person(seed: int) -> None:
    scene = perturb(random.Random(seed))
    surveys = scene.drawn.surveys()
    assert not sure(surveys) or is_right(scene, surveys)


def test_hardly_any_perturbed_sheet_needs_a_person() -> None:
    scenes = [perturb(random.Random(seed)) for seed in range(300)]
    surveys = [scene.drawn.surveys() for scene in scenes]
    assert sum(map(sure, surveys)) >= 295
    guesses = [guess_sheet(one[0].columns, FORM).sheet for one in surveys]
    assert sum(guess == scene.sheet.key for guess, scene in zip(guesses, scenes, strict=True)) >= 295


@ENOUGH
@given(SEEDS)
def test_two_tables_one_below_the_other_share_out_the_rows(seed: int) -> None:
    rng = random.Random(seed)
    upper, lower = perturb(rng), perturb(rng)
    upper.drawn.blank(rng.randint(1, 3))
    both = Drawn([*upper.drawn.rows, ["DANH SÁCH TIẾP THEO"], *lower.drawn.rows], [*upper.drawn.kinds, Kind.TITLE, *lower.drawn.kinds])
    down = len(upper.drawn.rows) + 1
    both.merges = [*upper.drawn.merges, *((r0 + down, c0, r1 + down, c1) for r0, c0, r1, c1 in lower.drawn.merges)]
    surveys = both.surveys()
    assert not sure(surveys) or found(surveys) == truth(both)
    accounted = [row for one in surveys for row in range(one.first_row, one.last_row + 1)]
    assert accounted == list(range(1, len(accounted) + 1))
    assert all(not any(row) for row in both.rows[len(accounted):])


@ENOUGH
@given(SEEDS)
def test_two_tables_side_by_side_each_have_their_rows(seed: int) -> None:
    """The same sheet twice, an empty column between; only serial numbers tell where the second one begins."""
    scene = perturb(random.Random(seed))
    grid = scene.drawn.grid()
    width = len(grid[0]) + 1
    twice = [[*row, "", *row] for row in grid]
    merges = [*scene.drawn.merges, *((r0, c0 + width, r1, c1 + width) for r0, c0, r1, c1 in scene.drawn.merges)]
    surveys = survey_sheet(twice, merges)
    left, right = (tuple(one for one in surveys if (one.columns[0].position >= width) == beyond) for beyond in (False, True))
    if right and sure(surveys):
        assert found(left) == found(right) == truth(scene.drawn)
    assert right or any(map_headers(one.columns, scene.sheet).ambiguous for one in left)


@ENOUGH
@given(SEEDS)
def test_every_row_of_the_used_area_has_one_kind(seed: int) -> None:
    drawn = perturb(random.Random(seed)).drawn
    surveys = drawn.surveys()
    rows = [row for one in surveys for row in range(one.first_row, one.last_row + 1)]
    assert rows == list(range(1, len(rows) + 1))
    assert all(len(one.kinds) == one.last_row - one.first_row + 1 for one in surveys)
    assert all(kind is BLANK for kind in drawn.kinds[len(rows):])
    assert all(set(one.hidden) <= {row for row, _ in one.data_rows()} & drawn.hidden for one in surveys)


@ENOUGH
@given(SEEDS)
def test_a_survey_changes_nothing_and_says_the_same_again(seed: int) -> None:
    drawn = perturb(random.Random(seed)).drawn
    grid = drawn.grid()
    before = [list(row) for row in grid]
    assert survey_sheet(grid, drawn.merges) == survey_sheet(grid, drawn.merges)
    assert grid == before


@ENOUGH
@given(st.lists(st.lists(st.sampled_from(CELLS) | st.text(max_size=6), max_size=7), max_size=12),
       st.lists(st.tuples(st.integers(1, 12), st.integers(1, 7), st.integers(0, 3), st.integers(0, 3)), max_size=4))
def test_no_sheet_whatever_breaks_the_survey(rows: list[list[Cell]], merges: list[tuple[int, int, int, int]]) -> None:
    surveys = survey_sheet(rows, [(r, c, r + down, c + right) for r, c, down, right in merges])
    for one in surveys:
        assert len(one.kinds) == one.last_row - one.first_row + 1
        for sheet in SHEETS:
            map_headers(one.columns, sheet)


@ENOUGH
@given(st.lists(st.text(max_size=12), max_size=4), st.sampled_from(SHEETS))
def test_no_header_whatever_breaks_the_mapping(path: list[str], sheet: object) -> None:
    found_map = map_headers([HeaderColumn(0, tuple(path)), HeaderColumn(1, ("Ghi chú",))], sheet)  # type: ignore[arg-type]
    assert set(found_map.keys) | set(found_map.unknown) | set(found_map.left_out) | {
        at for positions in found_map.ambiguous.values() for at in positions} == ({0, 1} if path else {1})
