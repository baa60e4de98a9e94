"""Organisations in one text column: "Hội PN, Đoàn TN và CCB" names three of list `org` (domain.md §3.7)."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.text import as_text, fold
from pipeline.tidy.codes import understood
from pipeline.tidy.marks import parse_tick, says_nothing
from pipeline.tidy.phrases import Phrases, unmatched, words_of
from pipeline.tidy.told import Issue

_PHRASES: dict[str, tuple[str, ...]] = {
    "WOMEN": ("lhpn", "hlhpn", "phụ nữ", "pn", "hpn"),
    "YOUTH": ("thanh niên", "đtn", "đoàn tn", "tncs", "tncshcm", "đtncs", "đtncshcm", "chi đoàn", "đoàn xã", "đoàn phường", "đoàn thôn"),
    "VETERANS": ("cựu chiến binh", "ccb", "hccb"),
    "ELDERLY": ("cao tuổi", "nct", "hnct"),
    "FARMERS": ("nông dân", "hội nd", "hnd", "chi hội nd"),
    "FRONT": ("mặt trận tổ quốc", "mặt trận", "mttq", "ubmttq", "mttqvn", "ubmttqvn", "ctmt", "bctmt", "btctmt"),
    "POLICE": ("công an", "công an nd", "công an nhân dân", "ca xã", "ca phường", "ca thôn", "ca viên", "cax"),
    "COMMITTEE": ("ubnd", "ủy ban nhân dân", "ủy ban nd", "ub nd"),
    "PARTY_CELL": ("chi bộ",),
    "SELF_HELP": ("tổ tự quản", "tổ nhân dân tự quản"),
    "BUSINESS": ("doanh nghiệp", "công ty", "cty", "hợp tác xã", "htx"),
    "FAMILY": ("gia đình", "người thân", "người nhà"),
    "OTHER": ("chữ thập đỏ", "ctđ"),
    "": ("hội đồng nhân dân", "hội đồng nd", "hđnd", "quân đội nd", "tòa án nd", "viện kiểm sát nd",
         "thanh niên xung phong", "tổ dân phố"),
}
"""Code -> what names it; without a code, what looks like a name of one and is none."""
_ALONE = {"nd": "FARMERS", "tn": "YOUTH", "ca": "POLICE"}
"""Names only between two commas, beside another organisation: ND is "nhân dân" too."""
_NOBODY = re.compile(r"\b(?:(?:cac )?ban nganh|cac nganh|doan the|cac (?:hoi|to chuc)|to chuc chinh tri|chinh quyen|dia phuong|tap the)\b")
_NOT_SO = frozenset({"không", "ko", "khg", "kg", "k", "chưa", "hết", "thôi", "ngừng", "khong", "chua"})
_NOBODY_HELPS = frozenset(fold("Không ko khg kg k chưa có ai tổ chức nào đoàn thể được giúp đỡ nhận sự hỗ trợ phân công gì hết cả").split())
"""Folded words of "chưa được tổ chức nào giúp đỡ"."""
_BETWEEN = re.compile(r"[,;+/&]|\s[-–]\s|\s(?:và|va)\s", re.IGNORECASE)
_FINDER = Phrases({phrase: code for code, phrases in _PHRASES.items() for phrase in phrases})


class ParsedOrgs(NamedTuple):
    """The organisations that a text names, and what is to be said of it."""

    codes: frozenset[str] = frozenset()
    """Codes of list `org`."""
    issues: tuple[Issue, ...] = ()


def parse_orgs(value: object) -> ParsedOrgs:
    """Understand one cell that names organisations.

    "không" and a dash say that there is none. "các ban ngành, đoàn thể", or an x, names nobody; a part that is denied, or that
    names nothing known, is not counted: somebody must look at all of these.
    """
    text = as_text(value.replace("\n", ";") if isinstance(value, str) else value)
    if says_nothing(text):
        return ParsedOrgs()
    tick = parse_tick(text)
    if tick.code != "tick_unclear":
        what = (Issue(tick.code, (("what", understood(tick.word, "không")),)),) if tick.word else ()
        return ParsedOrgs(issues=(Issue("orgs_unnamed"),) if tick.value else what)
    parts = [_read_part(words) for part in _BETWEEN.split(text) if (words := words_of(part))]
    codes = frozenset().union(*(part.codes for part in parts))
    alone = frozenset(part.alone for part in parts if part.alone)
    if codes or len(alone) > 1:
        codes |= alone
    unnamed = any(part.unnamed for part in parts)
    unclear = not parts or any(part.unclear for part in parts) or not alone <= codes
    return ParsedOrgs(codes, (Issue("orgs_unnamed"),) if unnamed else (Issue("orgs_unclear"),) if unclear else ())


class _Part(NamedTuple):
    """What stands between two commas."""

    codes: frozenset[str] = frozenset()
    alone: str = ""
    """A code that counts only beside others."""
    unnamed: bool = False
    unclear: bool = False


def _read_part(words: tuple[str, ...]) -> _Part:
    if len(words) == 1 and words[0] in _ALONE:
        return _Part(alone=_ALONE[words[0]])
    found = _FINDER.find(words)
    codes = frozenset(one.meaning for one in found) - {""}
    rest = unmatched(words, found)
    if not _NOT_SO.isdisjoint(rest):
        return _Part(unclear=bool(codes) or not _NOBODY_HELPS.issuperset(map(fold, rest)))
    if codes:
        return _Part(codes)
    unnamed = bool(_NOBODY.search(fold(" ".join(words))))
    return _Part(unnamed=unnamed, unclear=not unnamed)
