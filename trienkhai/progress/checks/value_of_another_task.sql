-- A report gives the value of an indicator that its task does not have, or gives it in another form.
--
-- Severity: error
-- Advice: Return the report; a sum is one number, a mean or a ratio is two.
SELECT format('indicator_value %%s', value.id) AS subject,
    format('report %%s of task %%s; indicator %%s of task %%s, %%s, %%s', report.id, assignment.task_id, indicator.id,
        indicator.task_id, indicator.over_units,
        CASE WHEN value.denominator IS NULL THEN 'one number' ELSE 'two numbers' END) AS detail
FROM indicator_value AS value
JOIN report ON report.id = value.report_id
JOIN assignment ON assignment.id = report.assignment_id
JOIN indicator ON indicator.id = value.indicator_id
WHERE indicator.task_id <> assignment.task_id OR (value.denominator IS NULL) <> (indicator.over_units = 'sum')
ORDER BY value.id
