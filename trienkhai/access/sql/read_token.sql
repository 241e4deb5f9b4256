-- Read whose a token is, and what its user is granted on a day.
--
-- Parameters: digest (of the token), day. Result: user_id, name, permissions (of the token), role, unit_id: one row a
-- grant, one with neither for a user without any; no row if the token is unknown, expired or revoked, or its user may
-- not log in. Locks: none. Measured: 0.1 ms.
SELECT token.user_id, coalesce(nullif(holder.name, ''), holder.username) AS name, token.permissions, granted.role,
    granted.unit_id
FROM api_token AS token
JOIN accounts_user AS holder ON holder.id = token.user_id AND holder.is_active
LEFT JOIN access_grant AS granted ON granted.user_id = token.user_id AND granted.valid @> %(day)s::date
WHERE token.digest = %(digest)s::text AND token.expires_on >= %(day)s::date AND token.revoked_on IS NULL
