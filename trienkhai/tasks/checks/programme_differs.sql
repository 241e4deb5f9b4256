-- An assignment, or what it was, belongs to another programme or task than it should.
--
-- Severity: error
-- Advice: Find out what wrote it past the operations, and restore it from a backup; both programmes count it wrongly.
SELECT format('assignment %%s', assignment.id) AS subject,
    format('programme %%s, its task is of programme %%s', assignment.programme_id, task.programme_id) AS detail
FROM assignment
JOIN task ON task.id = assignment.task_id
WHERE assignment.programme_id <> task.programme_id
UNION ALL
SELECT format('assignment_past %%s', past.past_id),
    format('task %%s of programme %%s, now task %%s of programme %%s', past.task_id, past.programme_id,
        assignment.task_id, assignment.programme_id)
FROM assignment_past AS past
JOIN assignment ON assignment.id = past.id
WHERE (past.task_id, past.programme_id) <> (assignment.task_id, assignment.programme_id)
ORDER BY 1
