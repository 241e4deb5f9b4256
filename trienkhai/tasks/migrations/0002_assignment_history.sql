-- Standings, the rule of addressees, and the past of assignments.

-- SQL's twin of trienkhai.tasks.rules.standing.
CREATE FUNCTION standing_of(bucket text, due date, day date, due_soon_days integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
    WHEN bucket NOT IN ('not_started', 'in_progress') OR due IS NULL THEN bucket
    WHEN due < day THEN 'overdue'
    WHEN due - day <= due_soon_days THEN 'due_soon'
    ELSE bucket
END
$$;

-- The units that the terms of a programme's tasks name on a day, among those under its issuer: one row a task and
-- unit, as lead where it is both. A unit is out when an exception of the same role names it.
-- On the first day of a structure the planner takes every range for one that does not hold yet; without nested loops
-- its guess does no harm.
CREATE FUNCTION addressed_units(programme bigint, day date)
RETURNS TABLE (task_id bigint, unit_id bigint, level_id smallint, role text)
LANGUAGE sql STABLE ROWS 100000 SET enable_nestloop = off AS $$
WITH named AS (
    SELECT term.task_id, version.unit_id, version.level_id, term.role, term.is_exception
    FROM programme AS issued
    JOIN task ON task.programme_id = issued.id
    JOIN addressee_term AS term ON term.task_id = task.id
    JOIN unit_version AS version ON version.valid @> $2
        AND (term.level_id IS NULL OR version.level_id = term.level_id)
        AND (term.kind = '' OR version.kind = term.kind)
        AND (term.unit_id IS NULL OR version.unit_id = term.unit_id)
    JOIN ancestry AS issuer ON issuer.ancestor_id = issued.issuer_id AND issuer.descendant_id = version.unit_id
        AND issuer.valid @> $2 AND issuer.through = 'structure'
    WHERE issued.id = $1
        AND (term.under_id IS NULL OR EXISTS (
            SELECT FROM ancestry AS line
            WHERE line.ancestor_id = term.under_id AND line.descendant_id = version.unit_id
                AND line.valid @> $2 AND line.through = 'structure' AND line.depth > 0))
)
SELECT task_id, unit_id, level_id, CASE WHEN bool_or(role = 'lead') THEN 'lead' ELSE 'coordinating' END
FROM (
    SELECT task_id, unit_id, level_id, role
    FROM named
    GROUP BY task_id, unit_id, level_id, role
    HAVING NOT bool_or(is_exception)
) AS kept
GROUP BY task_id, unit_id, level_id
$$;

ALTER TABLE assignment_past
    ADD CONSTRAINT assignment_past_one_at_a_time UNIQUE (id, valid WITHOUT OVERLAPS),
    ADD CONSTRAINT assignment_past_valid_is_not_empty CHECK (NOT isempty(valid));

-- Before UPDATE, each row: a change holds from the day of its operation, which is never before the last one.
CREATE FUNCTION date_assignment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.operation_id := require_operation(TG_TABLE_NAME);
    NEW.version := OLD.version + 1;
    NEW.since := operation_day();
    IF NEW.since < OLD.since THEN
        RAISE EXCEPTION 'assignment % changed on % and cannot change on the earlier day %', OLD.id, OLD.since, NEW.since
            USING ERRCODE = 'TK003';
    END IF;
    IF (NEW.id, NEW.task_id, NEW.programme_id) IS DISTINCT FROM (OLD.id, OLD.task_id, OLD.programme_id) THEN
        RAISE EXCEPTION 'assignment % belongs to its task for good', OLD.id USING ERRCODE = 'TK003';
    END IF;
    RETURN NEW;
END $$;

-- After UPDATE: what ended becomes past. What began and ended on one day was never true at the end of a day; it
-- goes to the history alone. All new rows hold from the operation's day, so that they need no join with the old ones:
-- its plan, kept by the session from an update of one row, would take half a minute for ten thousand.
CREATE FUNCTION keep_assignment_past() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    present_day date := operation_day();
BEGIN
    IF EXISTS (
        SELECT FROM public.programme
        WHERE closed_on < present_day AND id IN (SELECT programme_id FROM new_rows)
    ) THEN
        RAISE EXCEPTION 'the programme is closed: its assignments do not change any more' USING ERRCODE = 'TK004';
    END IF;
    INSERT INTO public.assignment_past (
        id, programme_id, task_id, unit_id, role, part, state, due, original_due, submitted_on, suspended_on,
        progress, since, version, inherited_from_id, operation_id, valid)
    SELECT o.id, o.programme_id, o.task_id, o.unit_id, o.role, o.part, o.state, o.due, o.original_due, o.submitted_on,
        o.suspended_on, o.progress, o.since, o.version, o.inherited_from_id, o.operation_id,
        daterange(o.since, present_day)
    FROM old_rows AS o
    WHERE o.since < present_day;
    INSERT INTO public.row_change (operation_id, table_name, row_id, action, before)
    SELECT current_operation(), 'assignment', o.id::text, 'U', to_jsonb(o)
    FROM old_rows AS o
    WHERE o.since = present_day;
    RETURN NULL;
END $$;

CREATE TRIGGER assignment_dated BEFORE UPDATE ON assignment
    FOR EACH ROW EXECUTE FUNCTION date_assignment();
CREATE TRIGGER assignment_insert AFTER INSERT ON assignment REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION check_operation();
CREATE TRIGGER assignment_past_kept AFTER UPDATE ON assignment
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_assignment_past();
CREATE TRIGGER assignment_not_deleted BEFORE DELETE ON assignment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The past is written in an operation only, and changes only by a correction, whose former rows are kept.
CREATE TRIGGER assignment_past_inserted AFTER INSERT ON assignment_past
    FOR EACH STATEMENT EXECUTE FUNCTION demand_operation();
CREATE TRIGGER assignment_past_corrected AFTER UPDATE ON assignment_past REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_former_rows();
CREATE TRIGGER assignment_past_removed AFTER DELETE ON assignment_past REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_former_rows();

SELECT watch('programme');
SELECT watch('task');
SELECT watch('addressee_term');
SELECT watch('indicator');
