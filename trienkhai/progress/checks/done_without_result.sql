-- An assignment is done without a result that was accepted, or is not done although one was.
--
-- Severity: error
-- Advice: Find out what wrote it past the operations; it is done when a result of its day was accepted, and only then.
WITH result AS (
    SELECT assignment_id, count(*) AS number, max(day) AS day
    FROM report
    WHERE is_result AND state = 'accepted'
    GROUP BY assignment_id
)
SELECT format('assignment %%s', assignment.id) AS subject,
    format('%%s, submitted on %%s; %%s results accepted, the last of %%s', assignment.state,
        coalesce(assignment.submitted_on::text, 'no day'), coalesce(result.number, 0),
        coalesce(result.day::text, 'no day')) AS detail
FROM assignment
LEFT JOIN result ON result.assignment_id = assignment.id
WHERE CASE
        WHEN assignment.state = 'done'
            THEN result.number IS DISTINCT FROM 1 OR result.day IS DISTINCT FROM assignment.submitted_on
        ELSE result.number IS NOT NULL
    END
ORDER BY assignment.id
