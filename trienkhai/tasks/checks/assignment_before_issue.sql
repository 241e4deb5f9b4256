-- Units hold a task that is not issued, or held it before it was.
--
-- Severity: error
-- Advice: Issue the programme, or cancel the assignments.
SELECT format('programme %%s', programme.id) AS subject,
    format('%%s assignments before %%s, the first is %%s', count(*), programme.issued_on, min(held.id)) AS detail
FROM (
    SELECT id, programme_id, since FROM assignment
    UNION ALL
    SELECT id, programme_id, since FROM assignment_past
) AS held
JOIN programme ON programme.id = held.programme_id
WHERE programme.issued_on IS NULL OR held.since < programme.issued_on
GROUP BY programme.id
ORDER BY programme.id
