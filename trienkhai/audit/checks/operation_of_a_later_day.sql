-- An operation holds for a later day than that on which it was recorded.
--
-- Severity: warning
-- Advice: Look whether the day was meant; figures of the days before it do not show what it did.
SELECT format('operation %%s', id) AS subject, format('%%s of %%s, recorded at %%s', name, day, recorded_at) AS detail
FROM operation
WHERE day > (recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
ORDER BY recorded_at, id
