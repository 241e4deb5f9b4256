-- A unit still exists after another one has succeeded it as a whole or in its main part.
--
-- Severity: error
-- Advice: End the unit on the day of the succession, or say that only a part of it went over.
SELECT format('succession %%s', succession.id) AS subject,
    format('unit %%s stands on %%s', succession.predecessor_id, former.valid) AS detail
FROM succession
JOIN unit_version AS former ON former.unit_id = succession.predecessor_id
    AND former.valid && daterange(succession.day, NULL)
WHERE succession.share <> 'part'
ORDER BY succession.id, former.valid
