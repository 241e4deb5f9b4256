-- An assignment changed after its programme was closed.
--
-- Severity: error
-- Advice: Find out what wrote it past the operations; figures of closed days may have changed.
SELECT format('assignment %%s', assignment.id) AS subject,
    format('changed on %%s, closed on %%s', assignment.since, programme.closed_on) AS detail
FROM assignment
JOIN programme ON programme.id = assignment.programme_id
WHERE assignment.since > programme.closed_on
ORDER BY assignment.id
