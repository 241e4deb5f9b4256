-- A unit holds one task in several assignments that are open.
--
-- Severity: error
-- Advice: Cancel those that are one too many.
SELECT format('unit %%s', unit_id) AS subject,
    format('task %%s, assignments %%s', task_id, string_agg(format('%%s as %%s', id, role), ', ' ORDER BY id)) AS detail
FROM assignment
WHERE state IN ('not_started', 'in_progress', 'waiting', 'suspended')
GROUP BY unit_id, task_id
HAVING count(*) > 1
ORDER BY unit_id, task_id
