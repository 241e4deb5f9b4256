-- List the assignments under a unit that count at the end of a day, by the structure of that day.
--
-- Parameters: unit, programme (ids), day, task (number, NULL for all), standing (NULL for all), is_own (only what the
-- unit itself holds), has_no_deadline (only what is without one), last_unit, last_number and last_id (the last row of
-- the page before, 0 for the first page), limit.
-- Result: one row an assignment, by unit, then by task: the columns of trienkhai.progress.queries.ListedAssignment.
-- Locks: none. Measured at 106,206 assignments: 4 ms for a page of the nation, 0.1 s for one that
-- few rows fit; 2 ms for a district.
WITH shown AS (
    SELECT due_soon_days, least(%(day)s::date, closed_on) AS standing_day
    FROM programme WHERE id = %(programme)s::bigint
),
below AS (
    SELECT descendant_id AS unit_id, depth
    FROM ancestry
    WHERE ancestor_id = %(unit)s::bigint AND descendant_id >= %(last_unit)s::bigint AND valid @> %(day)s::date
        AND (depth = 0 OR NOT %(is_own)s::boolean)
    ORDER BY descendant_id
),
page AS (
    SELECT held.*, task.number, task.title,
        standing_of(held.bucket, held.due, shown.standing_day, shown.due_soon_days) AS standing
    FROM below
    CROSS JOIN LATERAL (
        SELECT id, task_id, unit_id, role, due, original_due, submitted_on, progress, bucket
        FROM assignment
        WHERE unit_id = below.unit_id AND programme_id = %(programme)s::bigint AND since <= %(day)s::date
        UNION ALL
        SELECT id, task_id, unit_id, role, due, original_due, submitted_on, progress, bucket
        FROM assignment_past
        WHERE unit_id = below.unit_id AND programme_id = %(programme)s::bigint AND valid @> %(day)s::date
    ) AS held
    CROSS JOIN shown
    JOIN task ON task.id = held.task_id
    WHERE held.bucket IS NOT NULL AND (held.due IS NULL OR NOT %(has_no_deadline)s::boolean)
        AND (below.unit_id, task.number, held.id) > (%(last_unit)s::bigint, %(last_number)s::integer, %(last_id)s::bigint)
        AND (%(task)s::integer IS NULL OR task.number = %(task)s::integer)
        AND (%(standing)s::text IS NULL
            OR standing_of(held.bucket, held.due, shown.standing_day, shown.due_soon_days) = %(standing)s::text)
    ORDER BY below.unit_id, task.number, held.id
    LIMIT %(limit)s::integer
)
SELECT page.id, page.unit_id, place.name AS unit_name, place.code AS unit_code,
    coalesce(above.short_name, '') AS above_name, page.number AS task_number, page.title AS task_title, page.role,
    page.due, page.original_due, page.submitted_on, page.progress, page.standing
FROM page
JOIN LATERAL (
    SELECT name, code, parent_id FROM unit_version
    WHERE unit_version.unit_id = page.unit_id AND lower(valid) <= %(day)s::date
    ORDER BY lower(valid) DESC LIMIT 1
) AS place ON true
LEFT JOIN LATERAL (
    SELECT short_name FROM unit_version
    WHERE unit_version.unit_id = place.parent_id AND lower(valid) <= %(day)s::date
    ORDER BY lower(valid) DESC LIMIT 1
) AS above ON true
ORDER BY page.unit_id, page.number, page.id
