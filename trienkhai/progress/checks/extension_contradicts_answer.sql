-- A request for more time is decided without a day, or has one without being decided.
--
-- Severity: error
-- Advice: Find out what wrote it past the operations, and decide the request again.
SELECT format('extension %%s', extension.id) AS subject,
    format('%%s, asked on %%s, decided on %%s', state, asked_on, coalesce(decided_on::text, 'no day')) AS detail
FROM extension
WHERE (state = 'asked') <> (decided_on IS NULL) OR decided_on < asked_on
ORDER BY extension.id
