import io
import time
from pathlib import Path

import pytest
from django.utils import translation
from openpyxl import Workbook

import trienkhai.demo
from trienkhai.core.errors import BadInput
from trienkhai.core.tables import read_tables
from trienkhai.organisation.readers import read_structure

LEVELS = ("central", "province", "district", "commune", "cell")
HEADINGS = "code,parent_code,level,kind,name,latitude,longitude\n"
PROVINCE = "01,,province,Tỉnh,Tỉnh A,,\n"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def structure(text, **options):
    data = text if isinstance(text, bytes) else text.encode()
    return read_structure(read_tables(data, name="units"), levels=LEVELS, **options).rows


def problems(text, **options):
    with pytest.raises(BadInput) as caught:
        structure(text, **options)
    return caught.value.problems


def places(text, **options):
    return [(problem.line, problem.column) for problem in problems(text, **options)]


def workbook(*rows, zeros=""):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if zeros:
        for cell in book.active["A"]:
            cell.number_format = zeros
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_the_structure_of_the_country_is_read_whole():
    data = Path(trienkhai.demo.__file__).with_name("data") / "units-2021-03-12.csv"

    rows = read_structure(read_tables(data, name=data.name), levels=LEVELS).rows

    levels = [row.level for row in rows]
    assert [levels.count(level) for level in LEVELS] == [0, 63, 705, 10_599, 0]
    assert levels == sorted(levels, key=LEVELS.index)


def test_a_row_tells_all_that_the_file_says():
    (row,) = structure(HEADINGS + "01,,province,Tỉnh,Tỉnh  A,21.5,105.25\n")

    assert (row.line, row.code, row.level, row.kind, row.name) == (2, "01", "province", "Tỉnh", "Tỉnh A")
    assert (row.parent_level, row.parent_code, row.latitude, row.longitude) == ("central", "TW", 21.5, 105.25)


def test_vietnamese_headings_and_levels_are_understood_in_any_order():
    text = 'Tên,Mã,CẤP,Mã cấp trên,Vĩ độ,Kinh độ,STT\nXã A,001,xã,01,"10,5","106,5",1\nTỉnh A,01,Cấp tỉnh,,,,2\n'

    rows = structure(text, level_names={"Tỉnh": "province", "Cấp xã": "commune"})

    assert [(row.name, row.level, row.parent_level, row.latitude) for row in rows] == [
        ("Tỉnh A", "province", "central", None),
        ("Xã A", "commune", "province", 10.5),
    ]


def test_parents_come_before_children_whatever_the_order_of_the_file():
    text = HEADINGS + "00001,001,commune,Xã,Xã A,,\n001,01,district,Huyện,Huyện A,,\n" + PROVINCE

    assert [row.code for row in structure(text)] == ["01", "001", "00001"]


def test_the_parent_is_the_nearest_higher_unit_of_the_code():
    text = HEADINGS + PROVINCE + "01,01,district,Huyện,Huyện A,,\n09,01,commune,Xã,Xã A,,\n"

    assert [(row.parent_level, row.parent_code) for row in structure(text)][2] == ("district", "01")


def test_a_level_of_the_parent_is_obeyed():
    text = "code,parent_code,parent_level,level,name\n01,,,province,A\n01,01,,district,B\n09,01,province,commune,C\n"

    assert [row.parent_level for row in structure(text)] == ["central", "province", "province"]


def test_a_parent_may_stand_already():
    (row,) = structure(HEADINGS + "001,01,district,Huyện,Huyện A,,\n", existing={("province", "01"): "Tỉnh A"})

    assert row.parent_level == "province"


@pytest.mark.parametrize(
    ("parent", "word"),
    [("77", "no unit of this code"), ("001", "its own"), ("00009", "not above"), ("002", "not above")],
    ids=["missing", "itself", "of a lower level", "of its own level"],
)
def test_a_parent_that_is_none_is_refused_with_its_reason(parent, word):
    rows = f"001,{parent},district,Huyện,Huyện A,,\n002,01,district,Huyện,B,,\n00009,01,commune,Xã,Xã C,,\n"

    (problem,) = problems(HEADINGS + PROVINCE + rows)

    assert (problem.line, problem.column, problem.value) == (3, "parent_code", parent)
    assert word in str(problem.message)


def test_two_units_of_one_code_and_level_name_both_lines():
    (problem,) = problems(HEADINGS + PROVINCE + "02,,province,Tỉnh,B,,\n01,,province,Tỉnh,C,,\n")

    assert (problem.line, problem.column, problem.value) == (4, "code", "01")
    assert "line 2" in str(problem.message)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (",,province,Tỉnh,A,,", "code"),
        ("01,,,Tỉnh,A,,", "level"),
        ("01,,province,Tỉnh,,,", "name"),
        ("01,,kingdom,Tỉnh,A,,", "level"),
        ("01,,central,Tỉnh,A,,", "level"),
        ("01,,province,Tỉnh,A,north,105", "latitude"),
        ("01,,province,Tỉnh,A,nan,105", "latitude"),
        ("01,,province,Tỉnh,A,90.5,105", "latitude"),
        ("01,,province,Tỉnh,A,21,-180.5", "longitude"),
        ("01,,province,Tỉnh,A,,105", "latitude"),
        (f"{'1' * 21},,province,Tỉnh,A,,", "code"),
        (f"01,,province,{'k' * 61},A,,", "kind"),
        (f"01,,province,Tỉnh,{'n' * 201},,", "name"),
    ],
)
def test_a_bad_cell_is_refused_with_line_and_column(row, column):
    assert places(HEADINGS + "\n" + row + "\n") == [(3, column)]


def test_every_bad_place_is_listed_in_file_order():
    rows = ",,province,Tỉnh,A,,\n02,99,district,Huyện,B,x,105\n02,,district,Huyện,,,\n"

    assert places(HEADINGS + rows) == [(2, "code"), (3, "latitude"), (3, "parent_code"), (4, "name"), (4, "code")]


def test_children_of_a_unit_with_a_bad_level_are_not_listed_too():
    assert places(HEADINGS + "01,,kingdom,Tỉnh,A,,\n001,01,district,Huyện,B,,\n") == [(2, "level")]


def test_columns_are_named_as_the_file_names_them():
    assert places("Mã,Cấp,Tên,Mã cấp trên\n001,district,A,09\n") == [(2, "Mã cấp trên")]


@pytest.mark.parametrize(
    ("headings", "columns"),
    [
        ("code,level,name,colour", ["colour"]),
        ("code,level,name,mã", ["mã"]),
        ("code,level", ["name"]),
    ],
    ids=["unknown", "doubled", "missing"],
)
def test_headings_that_are_unknown_doubled_or_missing_are_listed(headings, columns):
    text = headings + "\n" + ",".join(["01", "province", "A", "01"][: len(headings.split(","))]) + "\n"

    assert [problem.column for problem in problems(text)] == columns


def test_a_table_without_headings_is_refused():
    assert "headings" in str(problems("01,Tỉnh A\n02,Tỉnh B\n")[0].message)


def test_a_table_with_headings_only_is_refused():
    assert "no units" in str(problems(HEADINGS)[0].message)


def test_a_code_that_a_workbook_keeps_as_a_number_is_refused_since_its_zeros_may_be_lost():
    assert places(workbook(["code", "level", "name"], [1, "province", "A"])) == [(2, "code")]


def test_a_code_that_a_workbook_shows_with_zeros_is_taken_as_shown():
    (row,) = structure(workbook(["code", "level", "name"], [1, "province", "A"], zeros="00"))

    assert row.code == "01"


def test_several_sheets_make_one_structure():
    book = Workbook()
    book.active.title = "Xã"
    for row in (["Mã", "Cấp", "Tên", "Mã cấp trên"], ["00001", "commune", "Xã A", "01"]):
        book.active.append(row)
    sheet = book.create_sheet("Tỉnh")
    for row in (["code", "level", "name"], ["01", "province", "Tỉnh A"]):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)

    assert [(row.sheet, row.code) for row in structure(stream.getvalue())] == [("Tỉnh", "01"), ("Xã", "00001")]


def test_the_time_grows_with_the_rows_and_not_with_their_square():
    rows = "".join(f"{n:05},01,commune,Xã,Xã {n},21.5,105.5\n" for n in range(30_000))
    before = time.process_time()

    read = structure(HEADINGS + PROVINCE + rows)

    assert (len(read), time.process_time() - before < 10) == (30_001, True)
