"""Open: the sheets of a file, whatever container they came in; or a finding's code why not."""

from __future__ import annotations

from pathlib import Path

from pipeline.containers.delimited import read_delimited
from pipeline.containers.html_tables import read_html
from pipeline.containers.load import load_ods, load_xls, load_xlsb, load_xlsx
from pipeline.containers.sheet import ContainerError, Grid
from pipeline.containers.sniff import OTHER, decode_page
from pipeline.containers.xml2003 import read_xml2003
from pipeline.refusal import Refused, refuse


def open_container(copy: Path, data: bytes, kind: str, judged: bool = False) -> list[Grid]:
    """Return the sheets of a private copy, whose bytes are `data` and whose kind `sniff` has told.

    `judged` says that the guard has let an .xlsx through already; otherwise it is asked.
    Raises ContainerError with a finding's code: file_unreadable, file_damaged, file_truncated, file_suspicious, file_too_large,
    file_protected, file_unsupported or sheet_twice. Raises OSError when there is no room for a copy with the right
    extension beside `copy`: that is no fault of the file.
    """
    try:
        return _open(copy, data, kind, judged)
    except Refused as refused:
        raise ContainerError(refused.refusal.code, refused.refusal.values) from None
    except (OSError, KeyboardInterrupt, SystemExit):
        raise
    except MemoryError:
        raise ContainerError("file_too_large", (("what", "cần quá nhiều bộ nhớ"),)) from None
    except BaseException:  # a kind of damage that nothing foresaw, or a panic of the reader, which is no Exception
        raise ContainerError("file_unreadable") from None


def _open(copy: Path, data: bytes, kind: str, judged: bool) -> list[Grid]:
    if kind == "xlsx":
        return load_xlsx(copy, data, judged)
    if kind == "xls":
        return load_xls(copy, data)
    if kind == "xlsb":
        return load_xlsb(copy, data)
    if kind == "ods":
        return load_ods(copy, data)
    if kind == "protected":
        refuse("file_protected")
    if not data.strip(b"\0"):
        refuse("file_truncated")  # disk space set aside for a copy that never came
    if kind not in ("html", "xml2003", "csv"):
        refuse("file_unsupported", kind=kind.removeprefix(OTHER))
    return _open_text(data, kind)


def _open_text(data: bytes, kind: str) -> list[Grid]:
    text = decode_page(data)
    if text is None:
        refuse("file_unreadable")
    if kind == "html":
        return read_html(text)
    return read_xml2003(text) if kind == "xml2003" else [read_delimited(text)]
