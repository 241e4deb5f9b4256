-- A unit is succeeded by one that does not exist on the day of the succession.
--
-- Severity: error
-- Advice: Name the unit that exists from that day on, or let the heir begin on that day.
SELECT format('succession %%s', succession.id) AS subject,
    format('unit %%s is not there on %%s', succession.successor_id, succession.day) AS detail
FROM succession
WHERE NOT EXISTS (
    SELECT FROM unit_version AS heir
    WHERE heir.unit_id = succession.successor_id AND heir.valid @> succession.day
)
ORDER BY succession.id
