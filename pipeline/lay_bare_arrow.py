"""Lay bare an Arrow file: whatever a typed table can say, however it is packed. One of the two modules that know pyarrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_MAGIC = b"ARROW1"
_LEAST, _LEAST_FRACTIONAL, _MOST = 10**8, 10**9, 10**12
"""Between these a whole number may be an identity number that lost its zeros; amounts of money are kept with fractions, and are smaller."""


def is_table(path: Path) -> bool:
    """Tell an Arrow file by its first bytes."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def read_texts(path: Path) -> Iterator[set[str]]:
    """Yield the texts of an Arrow file, a batch of rows at a time: names and notes of columns, texts, categories, long whole numbers.

    Raises ValueError when it is none, or torn.
    """
    import pyarrow as pa

    try:
        with pa.OSFile(str(path)) as file:
            reader = pa.ipc.open_file(file)
            yield {*_notes(reader.schema.metadata), *_notes(reader.metadata)}.union(*map(_of_field, reader.schema))
            for at in range(reader.num_record_batches):
                batch, notes = reader.get_batch_with_custom_metadata(at)
                batch.validate(full=True)  # offsets of a torn file would point anywhere
                yield set(_notes(notes)).union(*(_of_column(column) for column in batch.columns))
    except (pa.ArrowException, KeyError, OSError) as error:
        raise ValueError(type(error).__name__) from None


def _of_field(field: Any) -> Iterator[str]:
    yield field.name
    yield from _notes(field.metadata)
    for at in range(field.type.num_fields):
        yield from _of_field(field.type.field(at))


def _notes(metadata: Mapping[bytes, bytes] | None) -> Iterator[str]:
    for pair in (metadata or {}).items():
        yield from map(_text, pair)


def _of_column(column: Any) -> set[str]:
    import pyarrow as pa

    kind = column.type
    if isinstance(column, pa.ExtensionArray):
        return _of_column(column.storage)
    if pa.types.is_dictionary(kind):
        return _of_column(column.dictionary)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _of_numbers(column, _LEAST if pa.types.is_integer(kind) else _LEAST_FRACTIONAL)
    if pa.types.is_boolean(kind) or pa.types.is_null(kind) or pa.types.is_temporal(kind):
        return set()
    return {_text(part) for value in column.to_pylist() for part in _parts(value)}


def _of_numbers(column: Any, least: int) -> set[str]:
    """Return a column's long whole numbers; also those below a mask, which are still in the file."""
    import numpy as np

    kind = np.dtype(column.type.to_pandas_dtype())
    if kind.itemsize < 4 or column.buffers()[1] is None:
        return set()
    values = np.frombuffer(column.buffers()[1], kind, column.offset + len(column))
    long = values[(values >= least) & (values < _MOST)]
    return {f"{number:.0f}" for number in np.unique(long[np.floor(long) == long]).tolist()}


def _parts(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        value = [part for pair in value.items() for part in pair]
    if isinstance(value, list | tuple):
        for part in value:
            yield from _parts(part)
    elif value is not None:
        yield value


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
