"""Work in one free-text column "Việc làm": employment status and occupation out of what staff write (domain.md §6.1)."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.form import Form
from pipeline.text import as_text, fold
from pipeline.tidy.codes import NO_CODE, CodeBook, understood
from pipeline.tidy.marks import is_cross, says_nothing
from pipeline.tidy.phrases import Found, Phrases, unmatched, words_of
from pipeline.tidy.spelling import says_unknown
from pipeline.tidy.told import Issue

_STATUS_PHRASES = {
    "ổn định": "STABLE", "không ổn định": "UNSTABLE", "ko ổn định": "UNSTABLE", "chưa ổn định": "UNSTABLE", "thời vụ": "UNSTABLE",
    "bấp bênh": "UNSTABLE", "tạm thời": "UNSTABLE", "không thường xuyên": "UNSTABLE", "lúc có lúc không": "UNSTABLE",
    "thất nghiệp": "NONE", "mất việc": "NONE", "tìm việc": "NONE", "xin việc": "NONE",
    "mất sức": "UNABLE", "già yếu": "UNABLE", "không có nhu cầu": "UNABLE", "không còn khả năng": "UNABLE", "đang học": "STUDYING"}
"""Beside the names of list `employment_status` that have two words or more."""
_HOME = "HOME"
"""At home is without work, unless an occupation stands beside it."""
_PAST = ("trước đây", "trước kia", "trước khi", "đã nghỉ", "nghỉ việc", "nghỉ làm", "đã từng", "từng làm", "thôi việc")
_NOT_SO = frozenset({"khong", "ko", "khg", "kg", "k", "chua"})
_ABOUT_WORK = frozenset(fold("không ko khg kg k chưa có việc làm nghề nghiệp công gì cả còn hiện nay tại đang được xin tìm và ở "
                             "đâu").split())
"""Folded words of "hiện nay chưa có việc gì làm"."""
_TRADES = frozenset({"thợ", "bán", "nuôi", "chạy", "nấu", "sửa", "may", "nghề", "làm", "phụ", "giúp", "trồng"})
"""A text that begins so names an occupation."""
_ALONE_TOO = frozenset({"STABLE", "UNSTABLE", "EMPLOYED"})


class Work(NamedTuple):
    """What a cell says of somebody's work: positions in lists `employment_status` and `occupation`, NO_CODE for unknown."""

    employment: int = NO_CODE
    occupation: int = NO_CODE
    issues: tuple[Issue, ...] = ()


class WorkReader:
    """Reads cells of a column "Việc làm" that no column of occupations stands beside."""

    def __init__(self, form: Form) -> None:
        self._statuses, self._occupations = CodeBook(form.lists["employment_status"]), CodeBook(form.lists["occupation"])
        self._status = {code: at for at, code in enumerate(form.codes("employment_status"))}
        self._occupation = {code: at for at, code in enumerate(form.codes("occupation"))}
        meanings: dict[str, tuple[str, str]] = {}
        for code in form.lists["occupation"]:
            names = (name for name in (code.label, *code.aliases) if code.code != "OTHER" and len(words_of(name)) > 1)
            meanings |= dict.fromkeys(names, ("occupation", code.code))
        for code in form.lists["employment_status"]:
            meanings |= {name: ("status", code.code) for name in (code.label, *code.aliases) if len(words_of(name)) > 1}
        meanings |= {name: ("status", code) for name, code in _STATUS_PHRASES.items()} | {"ở nhà": ("status", _HOME)}
        self._phrases = Phrases(meanings | dict.fromkeys(_PAST, ("past", "")))

    def read(self, cell: object) -> Work:
        """Understand one cell.

        A known occupation is work, of free labourers unstable work; stable only where the text says so. x is work. What speaks
        of the past, or against itself, is unknown and for somebody to look at.
        """
        text = as_text(cell)
        if says_nothing(text):
            return Work()
        if is_cross(cell):
            return Work(self._status["EMPLOYED"])
        status = self._statuses.parse(text)
        if status.position != NO_CODE:
            return Work(status.position, issues=self._told(cell, self._statuses, status.position) if status.code else ())
        occupation = self._occupations.parse(text)
        if occupation.position != NO_CODE:
            told = self._told(cell, self._occupations, occupation.position) if occupation.code else ()
            return self._employed({}, self._occupations.codes[occupation.position].code, told)
        words = words_of(text)
        return self._read_phrases(words) if words and not says_unknown(text) else _unclear()

    def find_occupation(self, cell: object) -> int:
        """Return the one occupation that a longer text names and does not deny: "Công nhân may ở khu công nghiệp"; else NO_CODE."""
        words = words_of(as_text(cell))
        found = self._phrases.find(words)
        denied = not _NOT_SO.isdisjoint(map(fold, unmatched(words, found)))
        if denied or any(one.meaning[0] == "past" or one.meaning[1] in ("NONE", "UNABLE", "STUDYING") for one in found):
            return NO_CODE
        named = {one.meaning[1] for one in found if one.meaning[0] == "occupation"}
        named = named - {"FREELANCE"} or named
        return self._occupation[named.pop()] if len(named) == 1 else NO_CODE

    def _read_phrases(self, words: tuple[str, ...]) -> Work:
        found = self._phrases.find(words)
        rest = {fold(word) for word in unmatched(words, found)}
        statuses = dict.fromkeys(one.meaning[1] for one in found if one.meaning[0] == "status")
        occupation = _first_occupation(found)
        denied = not _NOT_SO.isdisjoint(rest)
        if any(one.meaning[0] == "past" for one in found) or (denied and (occupation or statuses.keys() & _ALONE_TOO)):
            return _unclear()
        if occupation or (words[0] in _TRADES and not denied and not statuses.keys() - _ALONE_TOO):
            statuses.pop(_HOME, None)
            return self._employed(statuses, occupation or "OTHER", ())
        if denied or statuses.keys() == {_HOME}:
            return Work(self._status["NONE"]) if _ABOUT_WORK.issuperset(rest) and statuses.keys() <= {_HOME, "NONE"} else _unclear()
        statuses.pop(_HOME, None)
        if len(statuses) == 2:
            statuses.pop("EMPLOYED", None)
        return Work(self._status[next(iter(statuses))]) if len(statuses) == 1 else _unclear()

    def _employed(self, statuses: dict[str, None], occupation: str, told: tuple[Issue, ...]) -> Work:
        """Return the work of somebody whose occupation is known; what the text says of its stability goes before what is usual."""
        said = set(statuses) - {"EMPLOYED"}
        if len(said) > 1 or said - _ALONE_TOO:
            return _unclear()
        status = said.pop() if said else "UNSTABLE" if occupation == "FREELANCE" else "EMPLOYED"
        at, job = self._status[status], self._occupation[occupation]
        meant = f"nghề “{self._occupations.codes[job].label}” là “{self._statuses.codes[at].label}”"
        return Work(at, job, told or (Issue("value_understood", (("what", meant),)),))

    @staticmethod
    def _told(cell: object, book: CodeBook, position: int) -> tuple[Issue, ...]:
        return (Issue("value_understood", (("what", understood(cell, book.codes[position].label)),)),)


def _first_occupation(found: list[Found[tuple[str, str]]]) -> str:
    """Return the first occupation; that of free labour only where no other is named."""
    named = [one.meaning[1] for one in found if one.meaning[0] == "occupation"]
    return next((one for one in named if one != "FREELANCE"), named[0] if named else "")


def _unclear() -> Work:
    return Work(issues=(Issue("code_unknown"),))
