-- A result has no evidence, although its task demands it.
--
-- Severity: error
-- Advice: Return the result if it still waits; if it was accepted, ask the unit for the evidence.
SELECT format('report %%s', report.id) AS subject,
    format('%%s, assignment %%s, task %%s', report.state, assignment.id, task.id) AS detail
FROM report
JOIN assignment ON assignment.id = report.assignment_id
JOIN task ON task.id = assignment.task_id AND task.demands_evidence
WHERE report.is_result AND NOT EXISTS (SELECT FROM evidence WHERE evidence.report_id = report.id)
ORDER BY report.id
