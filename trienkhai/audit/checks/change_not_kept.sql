-- A table that belongs to the history may be changed without a trace of what stood there before.
--
-- Severity: error
-- Advice: Make its triggers again, as the migrations of its app do (SELECT watch(…)).
--
-- A trace is a trigger whose function writes to `row_change`, or refuses.
SELECT watched.relname::text AS subject, format('no trace of %%s', event.name) AS detail
FROM pg_class AS watched
JOIN pg_attribute AS claim ON claim.attrelid = watched.oid AND claim.attname = 'operation_id' AND NOT claim.attisdropped
CROSS JOIN (VALUES ('UPDATE', 16), ('DELETE', 8)) AS event (name, bit)
WHERE watched.relkind IN ('r', 'p') AND watched.relnamespace = current_schema()::regnamespace
    AND NOT EXISTS (
        SELECT FROM pg_trigger
        JOIN pg_proc ON pg_proc.oid = pg_trigger.tgfoid
        WHERE pg_trigger.tgrelid = watched.oid AND pg_trigger.tgtype & event.bit <> 0
            AND (pg_proc.prosrc LIKE '%%row_change%%' OR pg_proc.proname = 'refuse_change'))
ORDER BY watched.relname, event.name
