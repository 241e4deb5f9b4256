-- A unit stands, on some day, under a unit that does not exist then or is of another level.
--
-- Severity: error
-- Advice: Put the unit under one that exists on every day of the version.
WITH existence AS (
    SELECT unit_id, level_id, range_agg(valid) AS days
    FROM unit_version
    GROUP BY unit_id, level_id
)
SELECT format('unit_version %%s', version.id) AS subject,
    format('unit %%s of level %%s is not there on %%s', version.parent_id, version.parent_level, missing.days) AS detail
FROM unit_version AS version
LEFT JOIN existence ON existence.unit_id = version.parent_id AND existence.level_id = version.parent_level
CROSS JOIN LATERAL (SELECT datemultirange(version.valid) - coalesce(existence.days, '{}')) AS missing (days)
WHERE version.parent_id IS NOT NULL AND NOT isempty(missing.days)
ORDER BY version.id
