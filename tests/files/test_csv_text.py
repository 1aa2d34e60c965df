import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from sharpcli.files.csv_text import GUARDED, csv_lines, readable

TEXT = st.text(st.characters(exclude_categories=()), max_size=20)


def parsed(columns, rows):
    return list(csv.reader(io.StringIO("".join(csv_lines(columns, rows)), newline="")))


@given(st.lists(TEXT, min_size=2, max_size=4))
def test_what_is_written_can_be_had_back_and_no_cell_is_a_formula(cells):
    columns = [str(index) for index in range(len(cells))]
    header, row = parsed(columns, [dict(zip(columns, cells, strict=True))])
    assert header == columns
    assert [cell[1:] if cell.startswith("'") else cell for cell in row] == [readable(cell) for cell in cells]
    assert not [cell for cell in row if cell.startswith(GUARDED) and cell[0] != "'"]


def test_figures_stay_figures_and_what_is_unknown_is_empty():
    assert parsed(["a", "b", "c"], [{"a": -1.5, "b": None}]) == [["a", "b", "c"], ["-1.5", "", ""]]


@given(TEXT)
def test_readable_text_can_always_be_written_as_utf_8(text):
    assert readable(text).encode().decode() == readable(text)


@given(st.text())
def test_proper_text_stays_as_it_is(text):
    assert readable(text) == text
