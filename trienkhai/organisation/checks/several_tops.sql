-- Several units stand at the top on one day, so that no figure is that of the whole.
--
-- Severity: error
-- Advice: Put one of them under the other.
SELECT format('unit %%s', one.unit_id) AS subject,
    format('beside unit %%s on %%s', other.unit_id, one.valid * other.valid) AS detail
FROM unit_version AS one
JOIN unit_version AS other ON other.parent_id IS NULL AND other.unit_id > one.unit_id AND other.valid && one.valid
WHERE one.parent_id IS NULL
ORDER BY one.unit_id, other.unit_id, one.valid
