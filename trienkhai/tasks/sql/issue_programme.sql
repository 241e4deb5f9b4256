-- Hand every task of a programme to every unit that its addressees name on the day.
--
-- Parameters: programme (id), day. Touches one row for each new assignment; a unit that holds the task, or whose
-- whole or main-part predecessor holds it or had it accepted, is left out, so the statement may be repeated. Nobody
-- gets a task whose due date is past.
-- Locks: the ledger's, by the trigger that counts what is new. Measured at 106,206 rows: `trienkhai measure issue`.
INSERT INTO assignment (programme_id, task_id, unit_id, role, due, original_due, since)
SELECT task.programme_id, task.id, addressed.unit_id, addressed.role, task.due, task.due, %(day)s::date
FROM addressed_units(%(programme)s::bigint, %(day)s::date) AS addressed
JOIN task ON task.id = addressed.task_id
WHERE (task.due IS NULL OR task.due >= %(day)s::date) AND NOT EXISTS (
    SELECT FROM assignment AS held
    JOIN ancestry AS place ON place.descendant_id = held.unit_id AND place.depth = 0 AND place.valid @> %(day)s::date
    WHERE held.task_id = task.id AND place.ancestor_id = addressed.unit_id AND held.bucket IS NOT NULL
)
ON CONFLICT ON CONSTRAINT assignment_reaches_a_unit_once DO NOTHING
