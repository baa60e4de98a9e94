"""What a note says about a person's status, as one word; the note itself goes nowhere (domain.md §3.8.9)."""

from __future__ import annotations

import re

from pipeline.text import tone_neutral

SAYINGS = {"MOVED": "đã chuyển đi", "EXPUNGED": "đã được xóa án tích", "DIED": "đã chết", "ARRESTED": "bị bắt"}
"""What a note can say -> how the finding says it."""
SAYING_CODES = tuple(SAYINGS)
_PATTERNS = (
    ("EXPUNGED", re.compile(r"\b(đã|được) (được )?(xóa án tích|xóa án)\b")),
    ("MOVED", re.compile(r"\b(đã )?chuyển (đi|khẩu|nơi ở|chỗ ở|hộ khẩu)\b")),
    ("DIED", re.compile(r"\b(đã chết|đã mất(?! (việc|giấy|sổ|thẻ|số|cccd|cmnd|căn cước|liên lạc))|qua đời|từ trần|chết ngày|mất ngày)\b")),
    ("ARRESTED", re.compile(r"\b(bị bắt|bị tạm giam|bị khởi tố)\b")),
)
_NOT_SO = re.compile(r"\b(chưa|không|bố|mẹ|cha|vợ|chồng|con|ông|bà) \Z")


def note_says(note: object) -> int:
    """Return the position in SAYING_CODES of what a note says; -1 when it says nothing of the kind."""
    if not isinstance(note, str) or not note:
        return -1
    text = tone_neutral(note)
    return next((SAYING_CODES.index(word) for word, pattern in _PATTERNS if _is_said(pattern, text)), -1)


def _is_said(pattern: re.Pattern[str], text: str) -> bool:
    """Tell whether a note says it of this person: "chưa được xóa án tích" and "bố đã mất" do not."""
    return any(not _NOT_SO.search(text[:found.start()]) for found in pattern.finditer(text))
