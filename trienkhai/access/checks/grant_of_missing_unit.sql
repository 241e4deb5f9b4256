-- A user has a role under a unit that does not exist any more and has no heir, so that the role gives nothing.
--
-- Severity: warning
-- Advice: End the grant, and give the role under the unit that does the work now.
SELECT format('access_grant %%s', held.id) AS subject,
    format('user %%s, %%s under unit %%s on %%s', held.user_id, held.role, held.unit_id, %(day)s::date) AS detail
FROM access_grant AS held
WHERE held.valid @> %(day)s::date AND NOT EXISTS (
    SELECT FROM ancestry AS place
    WHERE place.descendant_id = held.unit_id AND place.depth = 0 AND place.valid @> %(day)s::date
)
ORDER BY held.id
