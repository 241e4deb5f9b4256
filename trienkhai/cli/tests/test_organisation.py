import json
import unicodedata

import pytest

from trienkhai.audit.models import Operation
from trienkhai.organisation.models import UnitVersion
from trienkhai.organisation.operations import move_unit

pytestmark = pytest.mark.django_db

HEADINGS = "Mã,Cấp,Tên,Loại,Mã cấp trên\n"
LAO_CAI = "10,tỉnh,Tỉnh Lào Cai,Tỉnh,\n"
SA_PA = "088,huyện,Thị xã Sa Pa,Thị xã,10\n"
TABLE = HEADINGS + LAO_CAI + SA_PA

# The table as it was written before Unicode.
TCVN3 = TABLE.translate(str.maketrans("ãạàấệỉị", "\xb7\xb9\xb5\xca\xd6\xd8\xde")).encode("latin-1")
WINDOWS_1258 = TABLE.translate(
    str.maketrans(
        {
            "ã": "a\u0303",
            "ạ": "a\u0323",
            "à": "a\u0300",
            "ấ": "â\u0301",
            "ệ": "ê\u0323",
            "ỉ": "i\u0309",
            "ị": "i\u0323",
        }
    )
).encode("cp1258")


@pytest.fixture
def file(tmp_path):
    """Return what writes a file and returns its path."""

    def file(content, name="units.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return file


def lao_cai():
    return list(UnitVersion.objects.filter(code__in=["10", "088"]).order_by("level").values_list("code", "name"))


def test_show_names_who_is_above_and_who_is_directly_under(world, told):
    said = told("organisation", "show", "--unit", "02")

    assert said.startswith("Trung ương › Tỉnh Hà Giang ")
    assert "│ 026 │ Huyện Đồng Văn │ District │" in said
    assert "Lũng Cú" not in said


def test_show_speaks_the_language_of_the_terminal(world, told):
    assert "│ 026 │ Huyện Đồng Văn │ Cấp huyện │" in told(
        "organisation", "show", "--unit", "02", language="vi_VN.UTF-8"
    )


def test_show_says_so_where_nobody_is_under_a_unit(world, told):
    assert told("organisation", "show", "--unit", "00715").endswith("› Xã Lũng Cú No unit stands under it.")


def test_show_as_json_says_the_same(world, told):
    assert json.loads(told("organisation", "show", "--unit", "026", "--json")) == {
        "on": "2021-03-12",
        "code": "026",
        "level": "district",
        "name": "Huyện Đồng Văn",
        "kind": "Huyện",
        "above": [
            {"code": "TW", "level": "central", "name": "Trung ương"},
            {"code": "02", "level": "province", "name": "Tỉnh Hà Giang"},
        ],
        "units": [
            {"code": "00715", "level": "commune", "name": "Xã Lũng Cú"},
            {"code": "00718", "level": "commune", "name": "Xã Má Lé"},
        ],
    }


def test_show_tells_how_it_stood_on_a_day(world, told):
    unit, to = world.commune.unit_id, world.south_district.unit_id
    move_unit(unit, to=to, decision="Nghị quyết", scope=world.shell(on=world.day(5)))

    before, after = (
        json.loads(told("organisation", "show", "--unit", "00715", "--on", world.day(day), "--json", day=9))
        for day in (4, 5)
    )

    assert [row["code"] for row in before["above"]] == ["TW", "02", "026"]
    assert [row["code"] for row in after["above"]] == ["TW", "48", "492"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--unit", "99"], "No unit has the code 99 on 2021-03-12."),
        (["--unit", "02", "--level", "commune"], "No unit has the code 02 on 2021-03-12. Check the code, the level"),
        (["--unit", "02", "--level", "tỉnh"], "Check the code, the level and the day."),
        (["--unit", "02", "--on", "2021-03-11"], "No unit has the code 02 on 2021-03-11."),
    ],
)
def test_a_unit_that_is_none_is_refused_with_what_to_check(world, refused, words, sentence):
    assert sentence in refused("organisation", "show", *words)


def test_a_code_of_several_levels_asks_for_the_level(world, told, refused, file):
    told("organisation", "import", file(HEADINGS + "02,xã,Xã Hai,Xã,492\n"), "--on", world.day())

    assert "name the level: " in refused("organisation", "show", "--unit", "02")
    assert "Tỉnh Hà Giang" in told("organisation", "show", "--unit", "02", "--level", "province")


@pytest.mark.parametrize("day", ["2021-02-29", "12/3/2021", "today", "2021-13-01", ""])
def test_a_day_that_is_none_ends_with_code_2(world, trienkhai, day):
    done = trienkhai("organisation", "show", "--on", day)

    assert (done.exit_code, done.stdout) == (2, "")
    assert "--on" in done.stderr


@pytest.mark.parametrize(
    "content",
    [TABLE, TABLE.encode("utf-8-sig"), TABLE.encode("utf-16"), WINDOWS_1258, unicodedata.normalize("NFD", TABLE)],
    ids=["UTF-8", "UTF-8 with its mark", "UTF-16", "Windows-1258", "decomposed"],
)
def test_import_adds_the_units_of_a_table_from_the_day_on(world, told, file, content):
    said = told("organisation", "import", file(content), "--on", world.day(3), day=9)

    assert "│ Province │ 1 │ │ District │ 1 │" in said
    assert "│ In all │ 2 │" in said
    assert lao_cai() == [("10", "Tỉnh Lào Cai"), ("088", "Thị xã Sa Pa")]
    assert Operation.objects.get(day=world.day(3)).name == "organisation.import_structure"


def test_a_dry_run_checks_everything_and_writes_nothing(world, told, file):
    before = Operation.objects.count()

    said = told("organisation", "import", file(TABLE), "--on", world.day(), "--dry-run")

    assert "│ Province │ 1 │" in said
    assert said.endswith("Nothing was changed: this was a dry run.")
    assert (lao_cai(), Operation.objects.count()) == ([], before)


@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]])
def test_every_bad_line_is_named_with_its_column_and_reason_and_nothing_is_written(world, refused, file, dry_run):
    bad = "088,huyện,Thị xã Sa Pa,Thị xã,11\n,tỉnh,Tỉnh Bắc Kạn,Tỉnh,\n026,huyện,[bold]Huyện[/],Huyện,02\n"

    said = refused("organisation", "import", file(HEADINGS + LAO_CAI + bad), "--on", world.day(), *dry_run)

    assert "│ Line │ Column │ Value │ Reason │" in said.replace("┃", "│")
    assert "│ 3 │ Mã cấp trên │ 11 │ There is no unit of this code above the level district" in said
    assert "│ 4 │ Mã │ │ The cell is empty. │" in said
    assert lao_cai() == []


def test_units_that_are_there_already_are_named(world, refused, file):
    said = refused("organisation", "import", file(HEADINGS + "026,huyện,Đồng Văn,Huyện,02\n"), "--on", world.day())

    assert "│ 2 │ code │ 026 │ The unit 026 of this level is there already as Huyện Đồng Văn;" in said


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file units.csv is empty."),
        (b" \n\n", "The file units.csv is empty."),
        (TCVN3, "TCVN3"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "has a password"),
        (b"%PDF-1.7", "is not a table (PDF)"),
        (HEADINGS, "The file has no units."),
    ],
    ids=["empty", "blank", "TCVN3", "password", "PDF", "headings only"],
)
def test_a_file_that_is_no_table_of_units_is_refused_by_what_it_is(world, refused, file, content, sentence):
    assert sentence in refused("organisation", "import", file(content), "--on", world.day())


def test_a_file_that_is_missing_is_named(world, refused, tmp_path):
    said = refused("organisation", "import", tmp_path / "không có.csv", "--on", world.day())

    assert "The file không có.csv cannot be opened: No such file or directory." in said


@pytest.mark.parametrize(
    ("language", "heading"), [("vi_VN.UTF-8", "Lý do"), ("en_GB.UTF-8", "Reason"), ("C", "Reason")]
)
def test_a_refusal_speaks_the_language_of_the_terminal(world, refused, file, language, heading):
    assert heading in refused("organisation", "import", file(HEADINGS), "--on", world.day(), language=language)
