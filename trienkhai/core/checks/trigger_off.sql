-- A trigger is switched off, so that what it keeps true is kept no more.
--
-- Severity: error
-- Advice: Switch it on again (ALTER TABLE … ENABLE TRIGGER …), and look through what was written meanwhile.
SELECT format('%%s on %%s', pg_trigger.tgname, pg_class.relname) AS subject,
    format('tgenabled %%s', pg_trigger.tgenabled) AS detail
FROM pg_trigger
JOIN pg_class ON pg_class.oid = pg_trigger.tgrelid
WHERE pg_class.relnamespace = current_schema()::regnamespace AND pg_trigger.tgenabled NOT IN ('O', 'A')
ORDER BY 1
