-- Count the units under units on a day, by level.
--
-- Parameters: units (ids), day. Result: unit_id, level_id, units; no row where nothing stands below. Locks: none.
-- Measured at 11,367 units: 15 ms for the centre, 3 ms for a page of 50 districts.
SELECT line.ancestor_id AS unit_id, version.level_id, count(*)::integer AS units
FROM ancestry AS line
JOIN unit_version AS version ON version.unit_id = line.descendant_id AND version.valid @> %(day)s::date
WHERE line.ancestor_id = ANY (%(units)s::bigint[])
    AND line.depth > 0
    AND line.through = 'structure'
    AND line.valid @> %(day)s::date
GROUP BY line.ancestor_id, version.level_id
ORDER BY line.ancestor_id, version.level_id
