-- A constraint is not enforced, or was never proved for the rows that were there before it.
--
-- Severity: error
-- Advice: Mend the rows that break it, then enforce and validate it (ALTER TABLE … VALIDATE CONSTRAINT …).
SELECT format('%%s on %%s', pg_constraint.conname, pg_class.relname) AS subject,
    format('conenforced %%s, convalidated %%s', pg_constraint.conenforced, pg_constraint.convalidated) AS detail
FROM pg_constraint
JOIN pg_class ON pg_class.oid = pg_constraint.conrelid
WHERE pg_class.relnamespace = current_schema()::regnamespace
    AND NOT (pg_constraint.conenforced AND pg_constraint.convalidated)
ORDER BY 1
