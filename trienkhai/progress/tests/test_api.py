import json

import pytest

from trienkhai.access.operations import give_role, issue_token
from trienkhai.organisation.scoping import Role, all_permissions
from trienkhai.progress.models import IndicatorValue, Report
from trienkhai.progress.operations import post_deltas
from trienkhai.progress.queries import rollup
from trienkhai.progress.schemas import RollupOut
from trienkhai.tasks.models import Assignment, Programme
from trienkhai.tasks.readers import IndicatorRow


@pytest.fixture(autouse=True)
def _today(world, settings):
    settings.DEMONSTRATION_DAY = world.day(1)


@pytest.fixture
def program(world, client):
    """Return what sends requests with the token of the officer of a unit, in these roles."""

    def log_in(unit, *roles, permissions=None):
        user = world.user(f"officer-{unit.code}")
        for role in roles:
            give_role(user, role=role, unit_id=unit.unit_id, scope=world.shell())
        every = [permission.name for permission in all_permissions()]
        _token, characters = issue_token(user, name="x", permissions=permissions or every, scope=world.shell())

        def send(method, path, body=None, **options):
            if body is not None:
                options = {"content_type": "application/json", "data": json.dumps(body)} | options
            return getattr(client, method)(
                f"/api/v1{path}", headers={"Authorization": f"Bearer {characters}"}, **options
            )

        return send

    return log_in


@pytest.fixture
def reporter(world, program):
    return program(world.commune, Role.REPORTER)


def batch(send, path, lines):
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return send("post", path, data=body, content_type="application/x-ndjson")


def report_line(assignment, **more):
    return {
        "assignment": assignment.pk,
        "progress": 40,
        "text": "Đang làm",
        "client_key": f"key-{assignment.pk}",
    } | more


# Figures


def test_the_rollup_says_what_the_command_line_says(world, program):
    programme = world.issue()

    response = program(world.centre, Role.VIEWER)("get", f"/units/{world.centre.unit_id}/rollup?programme=1")

    found = rollup(world.centre, programme=programme, on=world.day(1))
    assert response.json() == RollupOut.of(found).model_dump(mode="json")
    assert response.json()["assignments"] == 4


def test_a_list_goes_on_by_its_cursor(world, program):
    world.issue()
    send, path = program(world.centre, Role.VIEWER), f"/units/{world.centre.unit_id}/assignments?programme=1&limit=3"

    first = send("get", path).json()
    second = send("get", f"{path}&after={first['next']}").json()

    listed = [row["id"] for row in first["assignments"] + second["assignments"]]
    assert sorted(listed) == sorted(Assignment.objects.values_list("pk", flat=True))
    assert second["next"] is None


@pytest.mark.parametrize("cursor", ["x", "1.2", "1.2.x", f"1.2.{10**30}"])
def test_a_cursor_that_is_none_is_refused(world, program, cursor):
    world.issue()
    path = f"/units/{world.centre.unit_id}/assignments?programme=1&after={cursor}"

    response = program(world.centre, Role.VIEWER)("get", path)

    assert (response.status_code, response.json()["code"]) == (422, "cursor_unknown")


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_stream_holds_the_whole_list(world, program, form, monkeypatch):
    monkeypatch.setattr("trienkhai.progress.api.figures.STREAM_ROWS", 3)
    world.issue(world.task(title="=SUM(A1)"))
    path = f"/units/{world.centre.unit_id}/assignments?programme=1&format={form}"

    response = program(world.centre, Role.VIEWER)("get", path)

    lines = b"".join(response.streaming_content).decode().splitlines()
    assert len(lines) == 4 + (form == "csv")
    assert "Xã Lũng Cú" in "".join(lines)
    if form == "csv":
        assert "'=SUM(A1)" in lines[1]


def test_figures_of_others_are_not_there(world, program):
    world.issue()
    send = program(world.north, Role.VIEWER)

    assert send("get", f"/units/{world.south.unit_id}/rollup?programme=1").status_code == 404
    assert send("get", f"/assignments/{world.assignment(world.south_commune).pk}").status_code == 404


def test_the_work_of_a_reporter_and_of_a_reviewer(world, program):
    world.issue()
    world.result(world.assignment(world.other_commune))

    own = program(world.commune, Role.REPORTER)("get", "/work").json()
    reviewed = program(world.north_district, Role.REVIEWER)("get", "/work").json()

    assert [row["id"] for row in own["to_do"]] == [world.assignment(world.commune).pk]
    assert [row["id"] for row in reviewed["to_review"]] == [world.assignment(world.other_commune).pk]


# Reports and decisions


def test_a_report_and_its_review_move_the_figures(world, program, reporter):
    world.issue()
    held = world.assignment(world.commune)
    said = {"progress": 100, "text": "Xong", "is_result": True, "version": held.version}

    taken = reporter("post", f"/assignments/{held.pk}/reports", said)
    decided = program(world.north_district, Role.REVIEWER)(
        "post", f"/reports/{taken.json()['report']}:decide", {"is_accepted": True}
    )
    post_deltas(on=world.day(1))

    assert (taken.status_code, decided.json()) == (201, {"decided": 1})
    whole = program(world.centre, Role.VIEWER)("get", f"/units/{world.centre.unit_id}/rollup?programme=1").json()
    assert whole["standings"]["done_on_time"] == 1


def test_a_report_against_an_older_version_is_a_conflict_with_both_versions(world, reporter):
    world.issue()
    held = world.assignment(world.commune)
    world.report(held, on=world.day(1))

    response = reporter("post", f"/assignments/{held.pk}/reports", {"progress": 10, "version": held.version})

    assert response.status_code == 409
    assert response.json()["yours"]["version"] == held.version
    assert response.json()["theirs"]["version"] == held.version + 1


def test_nobody_reports_for_others(world, reporter):
    world.issue()
    other = world.assignment(world.other_commune)

    assert reporter("post", f"/assignments/{other.pk}/reports", {"progress": 10}).status_code == 404
    assert not Report.objects.exists()


def test_a_token_that_only_reads_does_not_report(world, program):
    world.issue()
    held = world.assignment(world.commune)
    send = program(world.commune, Role.REPORTER, permissions=["organisation.read"])

    response = send("post", f"/assignments/{held.pk}/reports", {"progress": 10})

    assert response.status_code == 422
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "said", [{"progress": 101}, {"progress": "viel"}, {}, {"progress": 1, "unknown": 1}, {"progress": 1, "values": 5}]
)
def test_a_report_of_another_form_is_refused_with_its_place(world, reporter, said):
    world.issue()

    response = reporter("post", f"/assignments/{world.assignment(world.commune).pk}/reports", said)

    assert (response.status_code, response.json()["code"]) == (422, "malformed")
    assert response.json()["problems"]


def test_a_report_of_a_number_that_no_key_can_be_is_not_there(world, program):
    send = program(world.centre, Role.REVIEWER)

    response = send("post", f"/reports/{2**63}:decide", {"is_accepted": True})

    assert (response.status_code, response.json()["code"]) == (422, "malformed")


def test_zero_is_zero_however_it_is_written(world, reporter):
    world.issue(world.task(indicator=IndicatorRow("Số lớp", "lớp", None, "sum", "flow")))
    held = world.assignment(world.commune)
    value = {"indicator": held.task.indicators.get().pk, "numerator": "0E-999999"}

    response = reporter("post", f"/assignments/{held.pk}/reports", {"progress": 10, "values": [value]})

    assert response.status_code == 201
    assert IndicatorValue.objects.get().numerator == 0


def test_a_batch_is_taken_in_its_order(world, program):
    units = world.communes(3, under=world.north_district)
    world.issue()
    user = world.user("office")
    for unit in units:
        give_role(user, role=Role.REPORTER, unit_id=unit.unit_id, scope=world.shell())
    send = program(units[0], Role.VIEWER)
    held = [world.assignment(unit) for unit in units]
    for unit in units:
        give_role(world.user(f"officer-{units[0].code}"), role=Role.REPORTER, unit_id=unit.unit_id, scope=world.shell())

    response = batch(send, "/reports:batch", [report_line(assignment) for assignment in held])

    assert response.status_code == 201
    written = Report.objects.in_bulk(response.json()["reports"])
    assert [written[number].assignment_id for number in response.json()["reports"]] == [row.pk for row in held]


def test_a_repeated_batch_is_answered_as_at_first(world, reporter):
    world.issue()
    lines = [report_line(world.assignment(world.commune))]

    first, again = batch(reporter, "/reports:batch", lines), batch(reporter, "/reports:batch", lines)

    assert first.json() == again.json()
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    ("bad", "place"),
    [
        ("{not json", ""),
        ('{"assignment": 1, "client_key": "x"}', "progress"),
        ('{"assignment": 1, "progress": 5}', "client_key"),
        ('{"assignment": -1, "progress": 5, "client_key": "x"}', "assignment"),
        (r'{"assignment": 1, "progress": 5, "client_key": "x\u0000"}', "client_key"),
    ],
)
def test_one_bad_line_and_nothing_of_the_batch_is_written(world, reporter, bad, place):
    world.issue()

    response = batch(reporter, "/reports:batch", [report_line(world.assignment(world.commune)), "", bad])

    assert response.status_code == 422
    assert [(row["line"], row.get("column", "")) for row in response.json()["problems"]] == [(3, place)]
    assert not Report.objects.exists()


def test_one_refused_line_among_ten_thousand_and_nothing_is_written(world, reporter):
    world.issue()
    held = world.assignment(world.commune)
    lines = [
        report_line(held) | {"client_key": f"other-{number}", "assignment": 10**9 + number} for number in range(9_999)
    ]

    response = batch(reporter, "/reports:batch", [report_line(held), *lines])

    assert response.status_code == 422
    assert [row["line"] for row in response.json()["problems"]] == list(range(2, 10_001))
    assert not Report.objects.exists()


@pytest.mark.parametrize("lines", [0, 10_001])
def test_a_batch_has_a_size(world, reporter, lines):
    world.issue()
    held = world.assignment(world.commune)

    response = batch(reporter, "/reports:batch", [report_line(held, client_key=str(n)) for n in range(lines)])

    assert (response.status_code, response.json()["code"]) == (422, "batch_size")


def test_decisions_are_taken_in_batches_too(world, program):
    world.issue()
    reports = [world.result(world.assignment(unit)) for unit in (world.commune, world.other_commune)]
    lines = [
        {"report": reports[0].pk, "is_accepted": True},
        {"report": reports[1].pk, "is_accepted": False, "reason": "Thiếu số liệu"},
    ]

    response = batch(program(world.north_district, Role.REVIEWER), "/decisions:batch", lines)

    assert response.json() == {"decided": 2}
    assert [report.state for report in Report.objects.order_by("pk")] == ["accepted", "returned"]


def test_an_assignment_shows_its_reports_and_its_history(world, program):
    world.issue()
    held = world.assignment(world.commune)
    world.send_back(world.result(held))
    send = program(world.north_district, Role.VIEWER)

    shown = send("get", f"/assignments/{held.pk}").json()
    history = send("get", f"/assignments/{held.pk}/history").json()

    assert (shown["state"], shown["standing"], shown["version"]) == ("in_progress", "in_progress", 3)
    assert [report["review"]["reason"] for report in shown["reports"]] == ["Thiếu số liệu"]
    assert {row["name"] for row in history} == {
        "tasks.issue_programme",
        "progress.submit_reports",
        "progress.decide_reports",
    }


def test_a_file_is_uploaded_named_as_evidence_and_downloaded(world, program, reporter, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    world.issue(world.task(evidence_required=True))
    held = world.assignment(world.commune)
    upload = tmp_path / "báo cáo.txt"
    upload.write_text("Số liệu tháng ba", encoding="utf-8")

    with upload.open("rb") as content:
        stored = reporter("post", "/files", data={"file": content})
    proof = {"file": stored.json()["file"], "name": stored.json()["name"]}
    said = {"progress": 100, "text": "Xong", "is_result": True, "evidence": [proof]}
    taken = reporter("post", f"/assignments/{held.pk}/reports", said)
    (evidence,) = Report.objects.get(pk=taken.json()["report"]).evidence.all()
    download = reporter("get", f"/evidence/{evidence.pk}")

    assert (stored.status_code, taken.status_code, download.status_code) == (201, 201, 200)
    assert b"".join(download.streaming_content).decode() == "Số liệu tháng ba"
    assert download["Content-Disposition"].startswith("attachment")
    stranger = program(world.south, Role.VIEWER)
    assert stranger("get", f"/evidence/{evidence.pk}").status_code == 404


# Programmes


def test_a_programme_is_imported_previewed_issued_and_closed(world, program, tmp_path):
    annex = tmp_path / "phu-luc.csv"
    annex.write_text(
        "TT,Nhiệm vụ,Chủ trì,Phối hợp,Thời hạn,Sản phẩm,Tiêu chí nghiệm thu,Căn cứ\n"
        "1,Lập danh mục,cấp xã,,2021-04-15,Danh mục,Đủ đơn vị,Nghị quyết\n",
        encoding="utf-8",
    )
    send = program(world.centre, Role.ISSUER)
    fields = {"title": "Kế hoạch", "issuer_id": world.centre.unit_id}

    with annex.open("rb") as file:
        dry = send("post", "/programmes:import", data=fields | {"file": file, "is_dry_run": "true"})
    with annex.open("rb") as file:
        made = send("post", "/programmes:import", data=fields | {"file": file})
    preview = send("get", f"/programmes/{made.json()['number']}/preview").json()
    issued = send("post", f"/programmes/{made.json()['number']}:issue")
    closed = send("post", f"/programmes/{made.json()['number']}:close")

    assert (dry.json()["number"], made.json()["tasks"]) == (None, 1)
    assert (preview[0]["units"]["commune"], preview[0]["is_ready"]) == (4, True)
    assert issued.json() == {"assignments": 4}
    assert closed.json()["closed_on"] == world.day(1).isoformat()


def test_a_bad_annex_is_refused_with_every_bad_row(world, program, tmp_path):
    annex = tmp_path / "phu-luc.csv"
    annex.write_text("TT,Nhiệm vụ,Chủ trì,Thời hạn\n1,Việc,cấp xã,31/02/2021\nx,Việc,cấp xã,\n", encoding="utf-8")
    fields = {"title": "Kế hoạch", "issuer_id": world.centre.unit_id}

    with annex.open("rb") as file:
        response = program(world.centre, Role.ISSUER)("post", "/programmes:import", data=fields | {"file": file})

    assert response.status_code == 422
    assert [row["line"] for row in response.json()["problems"]] == [2, 3]
    assert not Programme.objects.exists()


def test_who_may_not_issue_is_refused_before_the_annex_is_read(world, program, tmp_path):
    annex = tmp_path / "phu-luc.csv"
    annex.write_text("no annex", encoding="utf-8")
    fields = {"title": "Kế hoạch", "issuer_id": world.centre.unit_id}

    with annex.open("rb") as file:
        response = program(world.north, Role.ISSUER)("post", "/programmes:import", data=fields | {"file": file})

    assert response.status_code == 403


def test_a_draft_is_seen_by_those_who_may_issue_it(world, program):
    world.programme()

    assert [row["number"] for row in program(world.centre, Role.ISSUER)("get", "/programmes").json()] == [1]
    assert program(world.commune, Role.VIEWER)("get", "/programmes").json() == []


def test_a_task_is_made_concrete_for_those_below(world, program):
    world.issue(world.task(to="district"))
    held = world.assignment(world.north_district)
    said = {
        "title": "Việc cụ thể",
        "due": world.day(20).isoformat(),
        "product": "Báo cáo",
        "acceptance_test": "Có số",
        "authority": "Kế hoạch huyện",
        "lead": {"level": "commune"},
    }

    response = program(world.north_district, Role.ISSUER)("post", f"/assignments/{held.pk}:derive", said)

    assert response.status_code == 201
    derived = Assignment.objects.filter(task__derives_from=held.task_id)
    assert {row.unit_id for row in derived} == {world.commune.unit_id, world.other_commune.unit_id}
