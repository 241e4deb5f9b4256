-- The ledger: every change of an assignment is a delta of its unit; the poster carries deltas to the unit's superiors.

-- When, and with which sign, something that happened in a unit on a day counts for whom: from that day (or from the
-- day on which the ancestor began to stand above it) until the ancestor stands above it no more.
CREATE FUNCTION ledger_entries(unit bigint, day date) RETURNS TABLE (unit_id bigint, day date, sign integer)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT line.ancestor_id, entry.day, entry.sign
FROM ancestry AS line
CROSS JOIN LATERAL (VALUES (greatest($2, lower(line.valid)), 1), (upper(line.valid), -1)) AS entry (day, sign)
WHERE line.descendant_id = $1
    AND (upper_inf(line.valid) OR upper(line.valid) > $2)
    AND entry.day IS NOT NULL
$$;

-- Every writer of the ledger holds this lock until it commits, and writes in the order of the key.
CREATE FUNCTION lock_ledger() RETURNS void LANGUAGE sql AS
$$ SELECT pg_advisory_xact_lock(hashtext('trienkhai.ledger')) $$;

-- What entered and left the buckets of a unit on a day.
CREATE TYPE ledger_entry AS (
    unit_id bigint, programme_id bigint, task_id bigint, due date, day date,
    not_started integer,
    in_progress integer,
    waiting_in_time integer,
    waiting_late integer,
    done_on_time integer,
    done_late integer,
    suspended integer
);

-- Add entries, one for each key, to the days and to the sum over the days.
CREATE FUNCTION add_to_ledger(entries ledger_entry[]) RETURNS void LANGUAGE sql AS $$
INSERT INTO ledger (unit_id, programme_id, task_id, due, day, not_started, in_progress, waiting_in_time, waiting_late, done_on_time, done_late, suspended)
SELECT unit_id, programme_id, task_id, due, day, not_started, in_progress, waiting_in_time, waiting_late, done_on_time, done_late, suspended
FROM unnest(entries)
ORDER BY unit_id, programme_id, day, task_id, due
ON CONFLICT ON CONSTRAINT ledger_key DO UPDATE SET
    not_started = ledger.not_started + excluded.not_started,
    in_progress = ledger.in_progress + excluded.in_progress,
    waiting_in_time = ledger.waiting_in_time + excluded.waiting_in_time,
    waiting_late = ledger.waiting_late + excluded.waiting_late,
    done_on_time = ledger.done_on_time + excluded.done_on_time,
    done_late = ledger.done_late + excluded.done_late,
    suspended = ledger.suspended + excluded.suspended;

INSERT INTO ledger_now (unit_id, programme_id, task_id, due, not_started, in_progress, waiting_in_time, waiting_late, done_on_time, done_late, suspended)
SELECT unit_id, programme_id, task_id, due,
    sum(not_started), sum(in_progress), sum(waiting_in_time), sum(waiting_late), sum(done_on_time), sum(done_late),
    sum(suspended)
FROM unnest(entries)
GROUP BY unit_id, programme_id, task_id, due
ORDER BY unit_id, programme_id, task_id, due
ON CONFLICT ON CONSTRAINT ledger_now_key DO UPDATE SET
    not_started = ledger_now.not_started + excluded.not_started,
    in_progress = ledger_now.in_progress + excluded.in_progress,
    waiting_in_time = ledger_now.waiting_in_time + excluded.waiting_in_time,
    waiting_late = ledger_now.waiting_late + excluded.waiting_late,
    done_on_time = ledger_now.done_on_time + excluded.done_on_time,
    done_late = ledger_now.done_late + excluded.done_late,
    suspended = ledger_now.suspended + excluded.suspended;
$$;

-- Carry deltas to everyone above their units: from the day on which each counts there, and back on the day on which it
-- counts there no more. The caller holds the lock.
CREATE FUNCTION post_to_ledger(deltas ledger_entry[]) RETURNS void LANGUAGE sql AS $$
SELECT add_to_ledger(array(
    SELECT ROW(line.ancestor_id, d.programme_id, d.task_id, d.due, greatest(d.day, lower(line.valid)),
        sum(d.not_started), sum(d.in_progress), sum(d.waiting_in_time), sum(d.waiting_late), sum(d.done_on_time),
        sum(d.done_late), sum(d.suspended))::ledger_entry
    FROM unnest(deltas) AS d
    JOIN ancestry AS line ON line.descendant_id = d.unit_id
    WHERE upper_inf(line.valid) OR upper(line.valid) > d.day
    GROUP BY line.ancestor_id, d.programme_id, d.task_id, d.due, greatest(d.day, lower(line.valid))
));

SELECT add_to_ledger(array(
    SELECT ROW(line.ancestor_id, d.programme_id, d.task_id, d.due, upper(line.valid),
        -sum(d.not_started), -sum(d.in_progress), -sum(d.waiting_in_time), -sum(d.waiting_late), -sum(d.done_on_time),
        -sum(d.done_late), -sum(d.suspended))::ledger_entry
    FROM unnest(deltas) AS d
    JOIN ancestry AS line ON line.descendant_id = d.unit_id
    WHERE NOT upper_inf(line.valid) AND upper(line.valid) > d.day
    GROUP BY line.ancestor_id, d.programme_id, d.task_id, d.due, upper(line.valid)
));
$$;

-- After INSERT: new assignments are counted at once, by one statement for any number of them.
CREATE FUNCTION post_new_assignments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT unit_id, since FROM new_rows) AS fresh
        WHERE NOT EXISTS (SELECT FROM ledger_entries(fresh.unit_id, fresh.since))
    ) THEN
        RAISE EXCEPTION 'a unit that stands under nobody on that day cannot get an assignment' USING ERRCODE = 'TK005';
    END IF;
    PERFORM lock_ledger();
    PERFORM post_to_ledger(array(
        SELECT ROW(unit_id, programme_id, task_id, due, since,
            (bucket = 'not_started')::integer,
            (bucket = 'in_progress')::integer,
            (bucket = 'waiting_in_time')::integer,
            (bucket = 'waiting_late')::integer,
            (bucket = 'done_on_time')::integer,
            (bucket = 'done_late')::integer,
            (bucket = 'suspended')::integer)::ledger_entry
        FROM new_rows
        WHERE bucket IS NOT NULL
    ));
    RETURN NULL;
END $$;

-- After UPDATE: minus what was, plus what is; what did not change cancels out. All new rows hold from the operation's
-- day, so that no join is needed. No lock is taken: reports never wait for each other here.
CREATE FUNCTION note_ledger_delta() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_delta (unit_id, programme_id, task_id, due, day, not_started, in_progress, waiting_in_time, waiting_late, done_on_time, done_late, suspended)
    SELECT * FROM (
        SELECT unit_id, programme_id, task_id, due, operation_day(),
            coalesce(sum(sign) FILTER (WHERE bucket = 'not_started'), 0) AS not_started,
            coalesce(sum(sign) FILTER (WHERE bucket = 'in_progress'), 0) AS in_progress,
            coalesce(sum(sign) FILTER (WHERE bucket = 'waiting_in_time'), 0) AS waiting_in_time,
            coalesce(sum(sign) FILTER (WHERE bucket = 'waiting_late'), 0) AS waiting_late,
            coalesce(sum(sign) FILTER (WHERE bucket = 'done_on_time'), 0) AS done_on_time,
            coalesce(sum(sign) FILTER (WHERE bucket = 'done_late'), 0) AS done_late,
            coalesce(sum(sign) FILTER (WHERE bucket = 'suspended'), 0) AS suspended
        FROM (
            SELECT unit_id, programme_id, task_id, due, bucket, -1 AS sign FROM old_rows
            UNION ALL
            SELECT unit_id, programme_id, task_id, due, bucket, 1 FROM new_rows
        ) AS change
        WHERE bucket IS NOT NULL
        GROUP BY unit_id, programme_id, task_id, due
    ) AS delta
    WHERE (not_started, in_progress, waiting_in_time, waiting_late, done_on_time, done_late, suspended)
        <> (0, 0, 0, 0, 0, 0, 0);
    RETURN NULL;
END $$;

CREATE TRIGGER assignment_posted AFTER INSERT ON assignment REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION post_new_assignments();
CREATE TRIGGER assignment_noted AFTER UPDATE ON assignment
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_ledger_delta();

-- Deltas live for half a second; their dead rows are cleared often.
ALTER TABLE ledger_delta SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Every change that the ledger counts, read back from the assignments themselves: what a recount starts from.
CREATE VIEW ledger_fact AS
SELECT unit_id, programme_id, task_id, due, day,
    coalesce(sum(n) FILTER (WHERE bucket = 'not_started'), 0)::integer AS not_started,
    coalesce(sum(n) FILTER (WHERE bucket = 'in_progress'), 0)::integer AS in_progress,
    coalesce(sum(n) FILTER (WHERE bucket = 'waiting_in_time'), 0)::integer AS waiting_in_time,
    coalesce(sum(n) FILTER (WHERE bucket = 'waiting_late'), 0)::integer AS waiting_late,
    coalesce(sum(n) FILTER (WHERE bucket = 'done_on_time'), 0)::integer AS done_on_time,
    coalesce(sum(n) FILTER (WHERE bucket = 'done_late'), 0)::integer AS done_late,
    coalesce(sum(n) FILTER (WHERE bucket = 'suspended'), 0)::integer AS suspended
FROM (
    SELECT unit_id, programme_id, task_id, due, since AS day, bucket, 1 AS n FROM assignment
    UNION ALL
    SELECT unit_id, programme_id, task_id, due, lower(valid), bucket, 1 FROM assignment_past
    UNION ALL
    SELECT unit_id, programme_id, task_id, due, upper(valid), bucket, -1 FROM assignment_past
) AS change
WHERE bucket IS NOT NULL
GROUP BY unit_id, programme_id, task_id, due, day;

SELECT watch('report');
SELECT watch('indicator_value');
SELECT watch('evidence');
SELECT watch('review');
SELECT watch('extension');
