"""The anchor: the one row of a sheet that is most like a header. What else belongs to the header is header.py's."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.anatomy.grid import Filled, Grid
from pipeline.anatomy.lexicon import Lexicon
from pipeline.anatomy.numbering import is_numbering
from pipeline.anatomy.words import LONGEST_LABEL, is_blank, is_figure, is_footer, is_serial_header, label_key, looks_like_a_name
from pipeline.text import fold

SEARCHED = 80
"""Rows with something in them among which the header is looked for."""
BELOW = 8
"""Rows below a header that are looked at."""
LEAST = 6.0
"""A lower score is no header at all."""
_STRONG, _STRONG_WITH_SERIAL = 3, 2
"""Known words from which on a header is looked for no further down, but for the rows that belong to it."""
_AFTER_STRONG = 3
"""Rows looked at after a header that leaves no doubt: of a header of several rows the second may be the better one."""
_MOST_FIGURES = 0.35
_MOTTO = ("cong hoa xa hoi", "doc lap", "mau so", "ban hanh", "bieu so", "uy ban nhan dan")


@dataclass(frozen=True)
class Labels:
    """The texts of one row that may be headers."""

    filled: list[Filled]
    labels: list[Filled]
    serials: tuple[int, ...]
    """Positions of "STT"."""
    hits: int
    """Labels that are known header words."""
    score: float = 0.0


def find_anchor(grid: Grid, lexicon: Lexicon, start: int = 0) -> int | None:
    """Return the row from `start` on that is most like a header; None when no row is."""
    best, best_score, seen, last = None, LEAST, 0, grid.height
    for row in range(start, grid.height):
        if row > last or seen >= SEARCHED:
            break
        found = read_labels(grid, row, lexicon)
        seen += bool(found and found.filled)
        if last < grid.height and (found is None or (found.filled and (not found.labels or _has_figure(found)))):
            break  # the body has begun: a header further down belongs to another table
        if found is None or not found.labels:
            continue
        score = _score(grid, row, found)
        if score > best_score:
            best, best_score = row, score
            if found.hits >= (_STRONG_WITH_SERIAL if found.serials else _STRONG):
                last = min(last, row + _AFTER_STRONG)
    return best


def read_labels(grid: Grid, row: int, lexicon: Lexicon) -> Labels | None:
    """Return what a row has of headers; None when it cannot be one: figures, names of people, machine keys, a numbering."""
    filled = grid.filled(row)
    texts = [one for one in filled if isinstance(one.cell, str)]
    labels = [one for one in texts if _is_label(str(one.cell))]
    serials = tuple(one.position for one in labels if is_serial_header(str(one.cell)))
    if len(labels) < 2 or (not serials and len(filled) - len(labels) > _MOST_FIGURES * len(filled)):
        return Labels(filled, [], (), 0)
    hits = sum(lexicon.knows(str(one.cell)) for one in labels)
    if hits < 2 and (2 * sum(looks_like_a_name(str(one.cell)) for one in labels) >= len(labels) or is_numbering(filled, 0)):
        return None
    if 2 * sum(one.cell in lexicon.machine for one in labels) > len(labels) and hits < len(labels):
        return None
    return Labels(filled, labels, serials, hits)


def is_key_row(grid: Grid, row: int, lexicon: Lexicon) -> bool:
    """Tell whether a row holds the template's machine keys."""
    cells = [one.cell for one in grid.filled(row)]
    return len(cells) >= 2 and 2 * sum(cell in lexicon.machine for cell in cells) > len(cells)


def _has_figure(found: Labels) -> bool:
    return any(not isinstance(one.cell, str) or one.cell.strip()[:1].isdecimal() for one in found.filled)


def _is_label(text: str) -> bool:
    stripped = text.strip()
    return len(stripped) <= LONGEST_LABEL and not stripped[:1].isdecimal() and not stripped.endswith(":") and ": " not in stripped


def _score(grid: Grid, row: int, found: Labels) -> float:
    keys = [label_key(str(one.cell)) for one in found.labels]
    wide = sum(merge[3] - merge[1] + 1 for merge in grid.wide(row) if merge[3] - merge[1] + 1 < 0.8 * grid.width)
    score = 6.0 * bool(found.serials) + 2 * min(found.hits, 6) + 0.5 * min(wide, 8) + 0.6 * min(len(keys), 12)
    if len(found.serials) < 2:
        score -= 6 * min(len(keys) - len(set(keys)), 2)
    if not found.hits and not found.serials:
        score += 2  # what stands below says little of a row of unknown words
    else:
        figures, covered = _look_below(grid, row, {one.position for one in found.labels})
        score += 4 * figures + 3 * covered
    joined = " ".join(fold(str(one.cell)) for one in found.labels)
    score -= 12 * any(word in joined for word in _MOTTO)
    return score - 12 * (found.hits < 2 and any(is_footer(str(one.cell)) for one in found.labels))


def _look_below(grid: Grid, row: int, positions: set[int]) -> tuple[float, float]:
    """Return the share of the next rows with a figure, and the share of the columns they fill that the row covers."""
    rows, with_figures = 0, 0
    busy: set[int] = set()
    for below in range(row + 1, min(grid.height, row + 3 * BELOW)):
        cells = [(at, cell) for at, cell in enumerate(grid.rows[below]) if cell != ""]
        if not cells:
            continue
        rows += 1
        with_figures += any(is_figure(cell) for _, cell in cells)
        busy.update(at for at, cell in cells if not is_blank(cell))
        if rows == BELOW:
            break
    return (with_figures / rows if rows else 0.0), (len(busy & positions) / len(busy) if busy else 0.0)
