-- A succession does not happen on the day of the reorganisation that makes it.
--
-- Severity: error
-- Advice: Correct the day of the succession to that of its reorganisation.
SELECT format('succession %%s', succession.id) AS subject,
    format('%%s, reorganisation %%s of %%s', succession.day, reorganisation.id, reorganisation.day) AS detail
FROM succession
JOIN reorganisation ON reorganisation.id = succession.reorganisation_id
WHERE succession.day <> reorganisation.day
ORDER BY succession.id
