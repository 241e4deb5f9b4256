-- A task was issued without one of the six clears.
--
-- Severity: error
-- Advice: Complete the task; until then those who hold it cannot know when it is done.
--
-- The twin of trienkhai.tasks.rules.missing_clears.
SELECT format('task %%s', task.id) AS subject,
    format('no %%s', string_agg(clear.name, ', ' ORDER BY clear.place)) AS detail
FROM task
JOIN programme ON programme.id = task.programme_id AND programme.issued_on IS NOT NULL
CROSS JOIN LATERAL (VALUES
    (1, 'who', NOT EXISTS (
        SELECT FROM addressee_term AS term
        WHERE term.task_id = task.id AND term.role = 'lead' AND NOT term.is_exception)),
    (2, 'what', btrim(task.title) = ''),
    (3, 'when', task.due IS NULL AND NOT task.has_no_deadline),
    (4, 'authority', btrim(task.authority) = ''),
    (5, 'product', btrim(task.product) = '' OR btrim(task.acceptance_test) = '')
) AS clear (place, name, is_missing)
WHERE clear.is_missing
GROUP BY task.id
ORDER BY task.id
