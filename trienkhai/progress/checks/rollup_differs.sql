-- A figure of a day is not what counting the assignments of that day gives.
--
-- Severity: error
-- Advice: Make the ledger anew (trienkhai check --recount); the figures of the units and days named are wrong until then.
--
-- Asked for the day of the check, and for eight days spread over all that the ledger knows before it: what the ledger
-- adds up to at the end of the day, with what is open, less the assignments as they were, for every unit above them.
-- Measured at 433,868 facts and 541,655 entries: 8 s.
WITH known AS (
    SELECT min(day) AS first, least(max(day), %(day)s::date) AS last FROM ledger
),
sampled AS (
    SELECT %(day)s::date AS day
    UNION
    SELECT first + (last - first) * part / 7 FROM known CROSS JOIN generate_series(0, 7) AS part WHERE first <= last
),
held AS (
    SELECT sampled.day, fact.programme_id, fact.task_id, fact.unit_id, fact.due, fact.bucket,
        count(*)::integer AS number
    FROM sampled
    CROSS JOIN LATERAL (
        SELECT programme_id, task_id, unit_id, due, bucket FROM assignment WHERE since <= sampled.day
        UNION ALL
        SELECT programme_id, task_id, unit_id, due, bucket FROM assignment_past WHERE valid @> sampled.day
    ) AS fact
    WHERE fact.bucket IS NOT NULL
    GROUP BY sampled.day, fact.programme_id, fact.task_id, fact.unit_id, fact.due, fact.bucket
),
entry AS (
    SELECT sampled.day, unit_id, programme_id, task_id, due,
        not_started, in_progress, waiting_in_time, waiting_late, done_on_time, done_late, suspended
    FROM ledger
    JOIN sampled ON ledger.day <= sampled.day
    UNION ALL
    SELECT sampled.day, line.ancestor_id, delta.programme_id, delta.task_id, delta.due,
        not_started, in_progress, waiting_in_time, waiting_late, done_on_time, done_late, suspended
    FROM ledger_delta AS delta
    JOIN sampled ON delta.day <= sampled.day
    JOIN ancestry AS line ON line.descendant_id = delta.unit_id AND line.valid @> sampled.day
    UNION ALL
    SELECT held.day, line.ancestor_id, held.programme_id, held.task_id, held.due,
        CASE bucket WHEN 'not_started' THEN -number ELSE 0 END,
        CASE bucket WHEN 'in_progress' THEN -number ELSE 0 END,
        CASE bucket WHEN 'waiting_in_time' THEN -number ELSE 0 END,
        CASE bucket WHEN 'waiting_late' THEN -number ELSE 0 END,
        CASE bucket WHEN 'done_on_time' THEN -number ELSE 0 END,
        CASE bucket WHEN 'done_late' THEN -number ELSE 0 END,
        CASE bucket WHEN 'suspended' THEN -number ELSE 0 END
    FROM held
    JOIN ancestry AS line ON line.descendant_id = held.unit_id AND line.valid @> held.day
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
