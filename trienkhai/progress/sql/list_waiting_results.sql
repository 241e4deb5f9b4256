-- List the results that wait for the review of some units, the oldest first.
--
-- Parameters: units (those that review; what was to be reviewed by a unit that ended is reviewed by its heir), day,
-- last_day and last_id (the last row of the page before, NULL and 0 for the first), limit.
-- The reviewer is the task's monitor, else the unit above on that day, else the issuer, as in decide_reports.
-- Result: one row a result: the columns of trienkhai.progress.queries.WaitingResult.
-- Locks: none. Measured at 106,206 assignments: 2 ms for the nation's centre, 0.5 ms for a district.
WITH reviewer AS MATERIALIZED (
    SELECT DISTINCT descendant_id AS unit_id
    FROM ancestry
    WHERE ancestor_id = ANY (%(units)s::bigint[]) AND depth = 0 AND valid @> %(day)s::date
),
below AS MATERIALIZED (
    SELECT unit_id, parent_id
    FROM unit_version
    WHERE (parent_id = ANY (ARRAY(SELECT unit_id FROM reviewer)) OR parent_id IS NULL) AND valid @> %(day)s::date
),
held AS (
    SELECT assignment.*
    FROM below
    JOIN assignment USING (unit_id)
    JOIN task ON task.id = assignment.task_id
    JOIN programme ON programme.id = assignment.programme_id
    WHERE assignment.state = 'waiting' AND (task.monitor_id IS NULL OR task.monitor_id = assignment.unit_id)
        AND coalesce(below.parent_id, programme.issuer_id) IN (SELECT unit_id FROM reviewer)
    UNION ALL
    SELECT assignment.*
    FROM task
    JOIN assignment ON assignment.task_id = task.id
    WHERE assignment.state = 'waiting' AND task.monitor_id IN (SELECT unit_id FROM reviewer)
        AND task.monitor_id <> assignment.unit_id
),
waiting AS (
    SELECT report.id AS report_id, report.day, held.id, held.unit_id, held.task_id, held.programme_id, held.due,
        held.bucket AS standing, count(*) OVER ()::integer AS in_all
    FROM held
    JOIN report ON report.assignment_id = held.id AND report.is_result AND report.state = 'waiting'
    JOIN programme ON programme.id = held.programme_id
    WHERE programme.closed_on IS NULL OR programme.closed_on >= %(day)s::date
),
page AS (
    SELECT *
    FROM waiting
    WHERE %(last_id)s::bigint = 0 OR (day, report_id) > (%(last_day)s::date, %(last_id)s::bigint)
    ORDER BY day, report_id
    LIMIT %(limit)s::integer
)
SELECT page.id, page.report_id, page.in_all, unit.name AS unit_name, programme.number AS programme_number,
    programme.title AS programme_title, task.number AS task_number, task.title AS task_title, page.due,
    page.day AS submitted_on, page.standing,
    (SELECT count(*) FROM evidence WHERE evidence.report_id = page.report_id)::integer AS evidence
FROM page
JOIN task ON task.id = page.task_id
JOIN programme ON programme.id = page.programme_id
JOIN LATERAL (
    SELECT name FROM unit_version
    WHERE unit_version.unit_id = page.unit_id AND lower(valid) <= %(day)s::date
    ORDER BY lower(valid) DESC LIMIT 1
) AS unit ON true
ORDER BY page.day, page.report_id
