-- A unit has ended and nobody holds its place from that day on, so that its work counts for nobody.
--
-- Severity: warning
-- Advice: Name the unit that succeeds it on that day, as a whole or in its main part.
SELECT format('unit %%s', unit_id) AS subject, format('ended on %%s', day) AS detail
FROM (
    SELECT unit_id, max(upper(valid)) AS day
    FROM unit_version
    GROUP BY unit_id
    HAVING NOT bool_or(upper_inf(valid))
) AS ended
WHERE NOT EXISTS (
    SELECT FROM succession
    WHERE succession.predecessor_id = ended.unit_id AND succession.share <> 'part' AND succession.day = ended.day
)
ORDER BY unit_id
