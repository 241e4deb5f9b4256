-- One role under one unit is granted to a user once at a time, and every grant is in the history.
ALTER TABLE access_grant
    ADD CONSTRAINT grant_one_at_a_time UNIQUE (user_id, role, unit_id, valid WITHOUT OVERLAPS);
SELECT watch('access_grant');
