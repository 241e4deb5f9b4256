-- List every row of an assignment and of what hangs on it, as each operation left it: the assignment itself, its
-- reports, reviews and extensions. A correction of the past is listed under the operation that made it.
--
-- Parameters: assignment (id).
-- Result: one row a change, in the order in which they were recorded: the columns of trienkhai.progress.rules.Change.
-- Holder and reviewer are the names, on the day of the operation, of the unit that held the assignment and of the one
-- that reviewed it. Locks: none. Measured at 106,206 assignments: 5 ms for one with 30 reports.
WITH present AS MATERIALIZED (
    SELECT 'assignment' AS subject, id, operation_id, to_jsonb(assignment) AS facts
    FROM assignment WHERE id = %(assignment)s::bigint
    UNION ALL
    SELECT 'report', id, operation_id, to_jsonb(report)
    FROM report WHERE assignment_id = %(assignment)s::bigint
    UNION ALL
    SELECT 'review', review.id, review.operation_id,
        to_jsonb(review) || jsonb_build_object('is_result', report.is_result, 'due', review.new_due)
    FROM review JOIN report ON report.id = review.report_id
    WHERE report.assignment_id = %(assignment)s::bigint
    UNION ALL
    SELECT 'extension', id, operation_id, to_jsonb(extension) || jsonb_build_object('due', asked_due)
    FROM extension WHERE assignment_id = %(assignment)s::bigint
),
made AS MATERIALIZED (
    SELECT subject, id, operation_id, facts FROM present
    UNION ALL
    SELECT 'assignment', id, operation_id, to_jsonb(assignment_past)
    FROM assignment_past WHERE id = %(assignment)s::bigint
    UNION ALL
    SELECT present.subject, present.id, (former.before ->> 'operation_id')::uuid,
        former.before || jsonb_build_object('due', coalesce(former.before -> 'asked_due', former.before -> 'due'))
    FROM present
    JOIN row_change AS former ON former.table_name = present.subject AND former.row_id = present.id::text
    UNION ALL
    SELECT 'correction', %(assignment)s::bigint, operation_id, before
    FROM row_change WHERE table_name = 'assignment_past' AND row_id = %(assignment)s::bigint::text
),
held AS MATERIALIZED (
    SELECT (facts ->> 'unit_id')::bigint AS unit_id, (facts ->> 'since')::date AS since,
        (facts ->> 'version')::integer AS version
    FROM made WHERE subject = 'assignment'
)
SELECT made.subject, made.id, made.operation_id AS operation, operation.name, operation.actor_name AS actor,
    operation.source, operation.day, operation.recorded_at, operation.is_simulated,
    coalesce((made.facts ->> 'unit_id')::bigint, holder.unit_id) AS unit_id, holder.name AS holder,
    reviewer.name AS reviewer,
    (made.facts ->> 'version')::integer AS version,
    coalesce(made.facts ->> 'decision', made.facts ->> 'state', '') AS state,
    coalesce(made.facts ->> 'bucket', '') AS bucket,
    (made.facts ->> 'due')::date AS due,
    (made.facts ->> 'progress')::integer AS progress,
    coalesce((made.facts ->> 'is_result')::boolean, false) AS is_result,
    CASE
        WHEN made.subject = 'review' THEN made.facts ->> 'reason'
        WHEN made.subject = 'extension' AND made.facts ->> 'state' = 'asked' THEN made.facts ->> 'reason'
        ELSE operation.reason
    END AS quote,
    CASE made.subject
        WHEN 'report' THEN (SELECT count(*) FROM evidence WHERE evidence.report_id = made.id)
        ELSE 0
    END AS files
FROM made
JOIN operation ON operation.id = made.operation_id
JOIN task ON task.id = (SELECT task_id FROM assignment WHERE id = %(assignment)s::bigint)
JOIN programme ON programme.id = task.programme_id
JOIN LATERAL (
    SELECT place.unit_id, place.name, place.parent_id
    FROM held
    JOIN unit_version AS place ON place.unit_id = held.unit_id AND lower(place.valid) <= operation.day
    WHERE held.since <= operation.day
    ORDER BY held.version DESC, lower(place.valid) DESC
    LIMIT 1
) AS holder ON true
JOIN LATERAL (
    SELECT place.name
    FROM unit_version AS place
    WHERE place.unit_id = coalesce(nullif(task.monitor_id, holder.unit_id), holder.parent_id, programme.issuer_id)
        AND lower(place.valid) <= operation.day
    ORDER BY lower(place.valid) DESC
    LIMIT 1
) AS reviewer ON true
ORDER BY operation.day, operation.recorded_at, version NULLS LAST, made.id
