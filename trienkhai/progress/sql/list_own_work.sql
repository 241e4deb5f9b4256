-- List what units hold and have not finished, in the groups in which their officer takes it up.
--
-- Parameters: units (those for which the officer reports; a unit that ended is worked for by its heir), day, group (one
-- of trienkhai.progress.rules.WORK_GROUPS, NULL for all), last_due and last_id (the last row of the page before, NULL
-- and 0 for the first), limit (rows of each group).
-- Result: one row an assignment, by group, then by due date: the columns of trienkhai.progress.queries.OwnWork.
-- A result that was returned stands in its own group until something newer is said of it.
-- Locks: none. Measured at 106,206 assignments: 2 ms for a commune.
WITH held AS (
    SELECT assignment.id, unit_id, assignment.programme_id, task_id, role, due, original_due, progress,
        last.id AS report_id, last.day AS reported_on,
        CASE
            WHEN assignment.state = 'waiting' THEN 'waiting'
            WHEN last.state = 'returned' THEN 'returned'
            ELSE standing_of(bucket, due, %(day)s::date, programme.due_soon_days)
        END AS work_group,
        standing_of(bucket, due, %(day)s::date, programme.due_soon_days) AS standing
    FROM assignment
    JOIN programme ON programme.id = assignment.programme_id
    LEFT JOIN LATERAL (
        SELECT id, day, state FROM report WHERE assignment_id = assignment.id ORDER BY id DESC LIMIT 1
    ) AS last ON true
    WHERE unit_id = ANY (ARRAY(
            SELECT descendant_id
            FROM ancestry
            WHERE ancestor_id = ANY (%(units)s::bigint[]) AND depth = 0 AND valid @> %(day)s::date))
        AND assignment.state IN ('not_started', 'in_progress', 'waiting')
        AND (programme.closed_on IS NULL OR programme.closed_on >= %(day)s::date)
),
counted AS (
    SELECT *, count(*) OVER (PARTITION BY work_group)::integer AS in_group
    FROM held
    WHERE %(group)s::text IS NULL OR work_group = %(group)s::text
),
page AS (
    SELECT *, row_number() OVER (PARTITION BY work_group ORDER BY due NULLS LAST, id) AS place
    FROM counted
    WHERE %(last_id)s::bigint = 0
        OR (coalesce(due, 'infinity'), id) > (coalesce(%(last_due)s::date, 'infinity'), %(last_id)s::bigint)
)
SELECT page.id, page.work_group, page.in_group, unit.name AS unit_name, programme.number AS programme_number,
    programme.title AS programme_title, task.number AS task_number, task.title AS task_title, page.role, page.due,
    page.original_due, page.progress, page.standing, page.reported_on, review.day AS returned_on,
    coalesce(review.reason, '') AS reason, review.new_due
FROM page
JOIN task ON task.id = page.task_id
JOIN programme ON programme.id = page.programme_id
JOIN LATERAL (
    SELECT name FROM unit_version
    WHERE unit_version.unit_id = page.unit_id AND lower(valid) <= %(day)s::date
    ORDER BY lower(valid) DESC LIMIT 1
) AS unit ON true
LEFT JOIN review ON review.report_id = page.report_id AND review.decision = 'returned'
WHERE page.place <= %(limit)s::integer
ORDER BY page.work_group, page.place
