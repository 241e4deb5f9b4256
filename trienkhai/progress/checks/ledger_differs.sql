-- The ledger does not count what the assignments and their past say.
--
-- Severity: error
-- Advice: Make the ledger anew (trienkhai check --recount); figures of the units and days named are wrong until then.
--
-- The whole ledger, what is open carried to everyone above, less what every fact gives: to the last one.
-- Measured at 433,868 facts and 541,655 entries: 5 s.
WITH entry AS (
    SELECT unit_id, programme_id, task_id, due, day,
        not_started, in_progress, waiting_in_time, waiting_late, done_on_time, done_late, suspended
    FROM ledger
    UNION ALL
    SELECT line.ancestor_id, fact.programme_id, fact.task_id, fact.due, turn.day,
        turn.sign * fact.not_started, turn.sign * fact.in_progress, turn.sign * fact.waiting_in_time,
        turn.sign * fact.waiting_late, turn.sign * fact.done_on_time, turn.sign * fact.done_late,
        turn.sign * fact.suspended
    FROM (
        SELECT 1 AS side, unit_id, programme_id, task_id, due, day,
            not_started, in_progress, waiting_in_time, waiting_late, done_on_time, done_late, suspended
        FROM ledger_delta
        UNION ALL
        SELECT -1, unit_id, programme_id, task_id, due, day,
            not_started, in_progress, waiting_in_time, waiting_late, done_on_time, done_late, suspended
        FROM ledger_fact
    ) AS fact
    JOIN ancestry AS line ON line.descendant_id = fact.unit_id AND coalesce(upper(line.valid) > fact.day, true)
    CROSS JOIN LATERAL (VALUES
        (greatest(fact.day, lower(line.valid)), fact.side), (upper(line.valid), -fact.side)
    ) AS turn (day, sign)
    WHERE turn.day IS NOT NULL
),
wrong AS (
    SELECT unit_id, task_id, due, day, sum(not_started) AS not_started, sum(in_progress) AS in_progress,
        sum(waiting_in_time) AS waiting_in_time, sum(waiting_late) AS waiting_late, sum(done_on_time) AS done_on_time,
        sum(done_late) AS done_late, sum(suspended) AS suspended
    FROM entry
    GROUP BY unit_id, programme_id, task_id, due, day
    HAVING (sum(not_started), sum(in_progress), sum(waiting_in_time), sum(waiting_late), sum(done_on_time),
        sum(done_late), sum(suspended)) <> (0, 0, 0, 0, 0, 0, 0)
)
SELECT format('unit %%s, task %%s, due %%s on %%s', unit_id, task_id, coalesce(due::text, 'never'), day) AS subject,
    format('ledger less recount: %%s', string_agg(
        format('%%s %%s', bucket.name, to_char(bucket.number, 'FMSG999999999')), ', ' ORDER BY bucket.name)) AS detail
FROM wrong
CROSS JOIN LATERAL (VALUES
    ('not_started', not_started),
    ('in_progress', in_progress),
    ('waiting_in_time', waiting_in_time),
    ('waiting_late', waiting_late),
    ('done_on_time', done_on_time),
    ('done_late', done_late),
    ('suspended', suspended)
) AS bucket (name, number)
WHERE bucket.number <> 0
GROUP BY unit_id, task_id, due, day
ORDER BY unit_id, task_id, due, day
