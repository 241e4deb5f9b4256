-- A programme is issued and has no task.
--
-- Severity: error
-- Advice: Import its tasks and issue it again, or close it.
SELECT format('programme %%s', programme.id) AS subject, format('issued on %%s', programme.issued_on) AS detail
FROM programme
WHERE programme.issued_on IS NOT NULL AND NOT EXISTS (SELECT FROM task WHERE task.programme_id = programme.id)
ORDER BY programme.id
