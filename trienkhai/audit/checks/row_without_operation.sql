-- A row claims to come from an operation that the history does not have.
--
-- Severity: error
-- Advice: Find out who wrote it past the history, and restore the operation from a backup.
--
-- Measured at 1,300,000 rows: 0.2 s.
SELECT format('%%s %%s', relation, row_id) AS subject, format('operation %%s', operation_id) AS detail
FROM rows_without_operation()
ORDER BY relation, row_id
