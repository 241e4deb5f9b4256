-- Carry the open deltas to everyone above their units, and note for watchers what changed.
--
-- Parameters: now (an instant), today. Result: one row: posted (deltas carried), last_event (number, or NULL).
-- A delta whose unit stands under nobody stays; `trienkhai check` names it.
-- Locks: the caller holds lock_ledger(). Measured with `trienkhai measure rollup`.
WITH taken AS (
    DELETE FROM ledger_delta AS delta
    WHERE EXISTS (SELECT FROM ledger_entries(delta.unit_id, delta.day))
    RETURNING ROW(unit_id, programme_id, task_id, due, day,
        not_started, in_progress, waiting_in_time, waiting_late, done_on_time, done_late, suspended)::ledger_entry AS delta
),
posted AS (
    SELECT post_to_ledger(array_agg(delta)), count(*) AS deltas FROM taken HAVING count(*) > 0
),
told AS (
    INSERT INTO live_event (unit_id, programme_id, recorded_at)
    SELECT DISTINCT line.ancestor_id, (taken.delta).programme_id, %(now)s::timestamptz
    FROM taken JOIN ancestry AS line ON line.descendant_id = (taken.delta).unit_id AND line.valid @> %(today)s::date
    RETURNING id
)
SELECT coalesce((SELECT deltas FROM posted), 0) AS posted, (SELECT max(id) FROM told) AS last_event
