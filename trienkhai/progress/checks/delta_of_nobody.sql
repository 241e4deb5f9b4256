-- A change cannot be counted, because its unit stands under nobody from that day on.
--
-- Severity: error
-- Advice: Name the heir of the unit by a reorganisation, or cancel its assignments.
SELECT format('unit %%s', unit_id) AS subject,
    format('%%s changes of %%s and later, of programme %%s', count(*), min(day), programme_id) AS detail
FROM ledger_delta AS delta
WHERE NOT EXISTS (SELECT FROM ledger_entries(delta.unit_id, delta.day))
GROUP BY unit_id, programme_id
ORDER BY unit_id, programme_id
