-- The rows whose operation the history does not have, of every table that has such rows: what a check asks.
CREATE FUNCTION rows_without_operation() RETURNS TABLE (relation name, row_id text, operation_id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    watched record;
BEGIN
    FOR watched IN
        SELECT pg_class.oid::regclass AS of, pg_class.relname AS name
        FROM pg_class
        JOIN pg_attribute AS claim ON claim.attrelid = pg_class.oid AND claim.attname = 'operation_id'
        WHERE pg_class.relkind IN ('r', 'p') AND pg_class.relnamespace = current_schema()::regnamespace
            AND NOT claim.attisdropped
    LOOP
        RETURN QUERY EXECUTE format(
            'SELECT %L::name, id::text, operation_id FROM %s AS claimed
             WHERE NOT EXISTS (SELECT FROM operation WHERE operation.id = claimed.operation_id)',
            watched.name, watched.of);
    END LOOP;
END $$;
