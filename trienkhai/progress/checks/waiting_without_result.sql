-- An assignment waits for review without one result that does, or does not wait although a result does.
--
-- Severity: error
-- Advice: Find out what wrote it past the operations; it waits while one result of it does, and only then.
WITH result AS (
    SELECT assignment_id, count(*) AS number, min(day) AS day
    FROM report
    WHERE is_result AND state = 'waiting'
    GROUP BY assignment_id
)
SELECT format('assignment %%s', assignment.id) AS subject,
    format('%%s since %%s, submitted on %%s; %%s results wait, the first of %%s', assignment.state, assignment.since,
        coalesce(assignment.submitted_on::text, 'no day'), coalesce(result.number, 0),
        coalesce(result.day::text, 'no day')) AS detail
FROM assignment
LEFT JOIN result ON result.assignment_id = assignment.id
WHERE CASE
        WHEN assignment.state = 'waiting'
            THEN result.number IS DISTINCT FROM 1 OR result.day IS DISTINCT FROM assignment.submitted_on
        ELSE result.number IS NOT NULL
    END
ORDER BY assignment.id
