-- Count the standings of a unit, by task, and of each unit directly under it, at the end of a day.
--
-- Parameters: unit, programme (ids), day, by_task (whether the units below are counted by task too). Result: one row
-- for each unit, task (NULL where it is not told) and standing that occurs: unit_id, task_id, standing, assignments,
-- no_deadline (how many of them are without a due date).
-- What the poster has carried (the sum over all days, less the days after) and what it has not yet; exact at every
-- moment, because both are read by this one statement. After a programme closed nothing becomes later.
-- Locks: none. Measured beside its plain twin by `trienkhai measure rollup`.
WITH programme_day AS (
    SELECT due_soon_days, least(%(day)s::date, closed_on) AS standing_day
    FROM programme WHERE id = %(programme)s::bigint
),
shown AS (
    SELECT %(unit)s::bigint AS unit_id
    UNION ALL
    SELECT unit_id FROM unit_version WHERE parent_id = %(unit)s::bigint AND valid @> %(day)s::date
),
counted AS (
    SELECT unit_id, task_id, due, not_started, in_progress, waiting_in_time, waiting_late, done_on_time, done_late, suspended
    FROM ledger_now JOIN shown USING (unit_id)
    WHERE programme_id = %(programme)s::bigint
    UNION ALL
    SELECT unit_id, task_id, due,
    -not_started, -in_progress, -waiting_in_time, -waiting_late, -done_on_time, -done_late, -suspended
    FROM ledger JOIN shown USING (unit_id)
    WHERE programme_id = %(programme)s::bigint AND day > %(day)s::date
    UNION ALL
    SELECT line.ancestor_id, delta.task_id, delta.due, not_started, in_progress, waiting_in_time, waiting_late, done_on_time, done_late, suspended
    FROM ledger_delta AS delta
    JOIN ancestry AS line ON line.descendant_id = delta.unit_id AND line.valid @> %(day)s::date
    JOIN shown ON shown.unit_id = line.ancestor_id
    WHERE delta.programme_id = %(programme)s::bigint AND delta.day <= %(day)s::date
),
summed AS (
    SELECT unit_id, CASE WHEN %(by_task)s::boolean OR unit_id = %(unit)s::bigint THEN task_id END AS task_id, due,
    sum(not_started) AS not_started, sum(in_progress) AS in_progress, sum(waiting_in_time) AS waiting_in_time,
    sum(waiting_late) AS waiting_late, sum(done_on_time) AS done_on_time, sum(done_late) AS done_late,
    sum(suspended) AS suspended
    FROM counted
    GROUP BY 1, 2, 3
)
SELECT unit_id, task_id, standing_of(bucket.name, due, standing_day, due_soon_days) AS standing,
    sum(bucket.number)::integer AS assignments,
    coalesce(sum(bucket.number) FILTER (WHERE due IS NULL), 0)::integer AS no_deadline
FROM summed
CROSS JOIN programme_day
CROSS JOIN LATERAL (VALUES
    ('not_started', not_started),
    ('in_progress', in_progress),
    ('waiting_in_time', waiting_in_time),
    ('waiting_late', waiting_late),
    ('done_on_time', done_on_time),
    ('done_late', done_late),
    ('suspended', suspended)
) AS bucket (name, number)
WHERE bucket.number <> 0
GROUP BY unit_id, task_id, 3
HAVING sum(bucket.number) <> 0
