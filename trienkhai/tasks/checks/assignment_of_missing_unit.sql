-- Units hold tasks on a day on which neither they nor heirs of theirs exist, so that these count for nobody.
--
-- Severity: error
-- Advice: Name the heir of the unit by a reorganisation, or cancel the assignments.
--
-- Asked for the day on which the assignment became what it is, and for the day of the check.
WITH held AS (
    SELECT assignment.unit_id, asked.day, count(*) AS assignments, min(assignment.id) AS first
    FROM assignment
    CROSS JOIN LATERAL (SELECT since UNION SELECT %(day)s::date) AS asked (day)
    WHERE assignment.bucket IS NOT NULL AND assignment.since <= %(day)s::date
    GROUP BY assignment.unit_id, asked.day
)
SELECT format('unit %%s', held.unit_id) AS subject,
    format('%%s assignments on %%s, the first is %%s', held.assignments, held.day, held.first) AS detail
FROM held
WHERE NOT EXISTS (
    SELECT FROM ancestry AS place
    WHERE place.descendant_id = held.unit_id AND place.depth = 0 AND place.valid @> held.day
)
ORDER BY held.unit_id, held.day
