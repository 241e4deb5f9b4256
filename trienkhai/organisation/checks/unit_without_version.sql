-- A unit has no version: it has neither a name nor a place in the structure.
--
-- Severity: error
-- Advice: Add its versions, or remove it if nothing points to it.
SELECT format('unit %%s', unit.id) AS subject, format('operation %%s', unit.operation_id) AS detail
FROM unit
WHERE NOT EXISTS (SELECT FROM unit_version WHERE unit_version.unit_id = unit.id)
ORDER BY unit.id
