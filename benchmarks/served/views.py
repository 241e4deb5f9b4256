"""What a page and a request to the API do at least: plain statements, and their answer as JSON."""

import json
from uuid import uuid4

from django.contrib.auth.decorators import login_not_required
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from benchmarks.report import MOVE, RECORD, REPORT
from benchmarks.rollup import SUM, TASKS, UNITS
from trienkhai.core import clock


@login_not_required
def unit(_request: HttpRequest, unit_id: int, programme_id: int) -> JsonResponse:
    """Answer with the rows of a unit's page: the sums, the names of the units below and of the tasks."""
    values = {"unit": unit_id, "programme": programme_id, "day": clock.today()}
    with connection.cursor() as cursor:
        cursor.execute(SUM, values)
        sums = cursor.fetchall()
        cursor.execute(UNITS, values)
        units = cursor.fetchall()
        cursor.execute(TASKS, values)
        tasks = cursor.fetchall()
    return JsonResponse({"sums": sums, "units": units, "tasks": tasks})


@csrf_exempt
@login_not_required
def report(request: HttpRequest) -> JsonResponse:
    """Write a report, what it makes of its assignment, and the operation."""
    values = json.loads(request.body) | {"operation": uuid4(), "day": clock.today(), "reports": 1}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(REPORT, values)
        cursor.execute(MOVE, values)
        cursor.execute(RECORD, values)
    return JsonResponse({}, status=201)
