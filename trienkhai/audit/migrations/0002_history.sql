-- The history keeps itself: every watched table takes its operation from the transaction, and its former rows are
-- copied under that operation. NULL and '' both mean "no operation".

CREATE FUNCTION current_operation() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('trienkhai.operation', true), '')::uuid $$;

CREATE FUNCTION operation_day() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('trienkhai.day', true), '')::date $$;

CREATE FUNCTION require_operation(relation name) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
    present uuid := current_operation();
BEGIN
    IF present IS NULL THEN
        RAISE EXCEPTION 'table % is written outside an operation', relation
            USING ERRCODE = 'TK001', HINT = 'Open trienkhai.audit.operations.operation(...) around the write.';
    END IF;
    RETURN present;
END $$;

-- Before UPDATE, each row: the row says which operation made it what it is.
CREATE FUNCTION stamp_operation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.operation_id := require_operation(TG_TABLE_NAME);
    RETURN NEW;
END $$;

-- After INSERT: no row may claim another operation than the present one.
CREATE FUNCTION check_operation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    present uuid := require_operation(TG_TABLE_NAME);
BEGIN
    IF EXISTS (SELECT FROM new_rows WHERE operation_id <> present) THEN
        RAISE EXCEPTION 'a row of % claims an operation that is not the present one', TG_TABLE_NAME
            USING ERRCODE = 'TK001';
    END IF;
    RETURN NULL;
END $$;

-- After INSERT of rows that carry the operations of others, as the past does: only that there is one.
CREATE FUNCTION demand_operation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM require_operation(TG_TABLE_NAME);
    RETURN NULL;
END $$;

-- After UPDATE or DELETE: the former rows are kept, where no temporary table of the same name can take them.
CREATE FUNCTION keep_former_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    present uuid := require_operation(TG_TABLE_NAME);
BEGIN
    INSERT INTO public.row_change (operation_id, table_name, row_id, action, before)
    SELECT present, TG_TABLE_NAME, former.id::text, left(TG_OP, 1), to_jsonb(former) FROM old_rows former;
    RETURN NULL;
END $$;

-- Watch a table: it needs the columns `id` and `operation_id`.
CREATE FUNCTION watch(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER watch_stamp BEFORE UPDATE ON %s
        FOR EACH ROW EXECUTE FUNCTION stamp_operation()', relation);
    EXECUTE format('CREATE TRIGGER watch_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION check_operation()', relation);
    EXECUTE format('CREATE TRIGGER watch_update AFTER UPDATE ON %s REFERENCING OLD TABLE AS old_rows
        FOR EACH STATEMENT EXECUTE FUNCTION keep_former_rows()', relation);
    EXECUTE format('CREATE TRIGGER watch_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows
        FOR EACH STATEMENT EXECUTE FUNCTION keep_former_rows()', relation);
END $$;

-- History is added to, never changed (TRUNCATE is a right that the application does not have).
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is history: rows are added, never changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'TK002';
END $$;

CREATE TRIGGER operation_kept BEFORE UPDATE OR DELETE ON operation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER row_change_kept BEFORE UPDATE OR DELETE ON row_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
