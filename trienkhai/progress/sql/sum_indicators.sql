-- Add up the values of a programme's indicators under a unit, and under each unit directly below it, at the end of a
-- day.
--
-- Parameters: unit, programme (ids), day.
-- Result: one row for each unit and indicator: unit_id, indicator_id, numerator, denominator (NULL for a sum, and
-- where nothing arrived), arrived (how many assignments have a value), expected (how many there are).
-- Of the accepted reports of one period the latest counts; a flow adds the periods of an assignment up, of a stock
-- the last one counts; means and ratios are sums of numerators over sums of denominators.
-- Locks: none. Measured at 106,206 assignments with 167,028 reports: 1 s for the nation, 0.1 s for
-- its capital, 40 ms for a district.
WITH shown AS (
    SELECT %(unit)s::bigint AS unit_id
    UNION ALL
    SELECT descendant_id FROM ancestry
    WHERE ancestor_id = %(unit)s::bigint AND depth = 1 AND through = 'structure' AND valid @> %(day)s::date
),
held AS (
    SELECT id, task_id, unit_id, bucket FROM assignment
    WHERE programme_id = %(programme)s::bigint AND since <= %(day)s::date
    UNION ALL
    SELECT id, task_id, unit_id, bucket FROM assignment_past
    WHERE programme_id = %(programme)s::bigint AND valid @> %(day)s::date
),
placed AS MATERIALIZED (
    SELECT shown.unit_id, held.id, indicator.id AS indicator_id, indicator.over_time
    FROM held
    JOIN indicator ON indicator.task_id = held.task_id
    JOIN ancestry AS line ON line.descendant_id = held.unit_id AND line.valid @> %(day)s::date
    JOIN shown ON shown.unit_id = line.ancestor_id
    WHERE held.bucket IS NOT NULL
),
latest AS (
    SELECT DISTINCT ON (placed.indicator_id, placed.id, report.period)
        placed.indicator_id, placed.id, placed.over_time, report.period, value.numerator, value.denominator
    FROM placed
    JOIN report ON report.assignment_id = placed.id
    JOIN review ON review.report_id = report.id AND review.decision = 'accepted' AND review.day <= %(day)s::date
    JOIN indicator_value AS value ON value.report_id = report.id AND value.indicator_id = placed.indicator_id
    WHERE placed.unit_id = %(unit)s::bigint
    ORDER BY placed.indicator_id, placed.id, report.period, report.id DESC
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY indicator_id, id ORDER BY period DESC NULLS LAST) AS place FROM latest
),
counted AS (
    SELECT indicator_id, id, sum(numerator) AS numerator, sum(denominator) AS denominator
    FROM ranked
    WHERE over_time = 'flow' OR place = 1
    GROUP BY indicator_id, id
)
SELECT placed.unit_id, placed.indicator_id, sum(counted.numerator) AS numerator,
    sum(counted.denominator) AS denominator, count(counted.id)::integer AS arrived, count(*)::integer AS expected
FROM placed
LEFT JOIN counted USING (indicator_id, id)
GROUP BY placed.unit_id, placed.indicator_id
ORDER BY placed.unit_id, placed.indicator_id
