-- A report is counted in another programme than its assignment.
--
-- Severity: error
-- Advice: Find out what wrote it past the operations; lists and exports of both programmes are wrong.
SELECT format('report %%s', report.id) AS subject,
    format('programme %%s, its assignment %%s is of programme %%s', report.programme_id, assignment.id,
        assignment.programme_id) AS detail
FROM report
JOIN assignment ON assignment.id = report.assignment_id
WHERE report.programme_id <> assignment.programme_id
ORDER BY report.id
