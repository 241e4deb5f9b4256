-- A unit ends and begins again later; what it holds counts for nobody in between.
--
-- Severity: warning
-- Advice: Close the gap between its versions, or make what began later a unit of its own that succeeds it.
SELECT format('unit %%s', unit_id) AS subject, format('stands on %%s', days) AS detail
FROM (SELECT unit_id, range_agg(valid) AS days FROM unit_version GROUP BY unit_id) AS existence
WHERE days <> datemultirange(range_merge(days))
ORDER BY unit_id
