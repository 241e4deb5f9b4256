-- What must always be true of the structure, on every day.

ALTER TABLE unit_version
    ADD CONSTRAINT unit_version_one_at_a_time UNIQUE (unit_id, valid WITHOUT OVERLAPS),
    ADD CONSTRAINT unit_version_code_is_unique UNIQUE (level_id, code, valid WITHOUT OVERLAPS),
    ADD CONSTRAINT unit_version_level_at_a_time UNIQUE (unit_id, level_id, valid WITHOUT OVERLAPS);
ALTER TABLE unit_version
    ADD CONSTRAINT unit_version_parent_exists FOREIGN KEY (parent_id, parent_level, PERIOD valid)
        REFERENCES unit_version (unit_id, level_id, PERIOD valid) DEFERRABLE INITIALLY IMMEDIATE;
-- Without this index the reorganisation of a whole country takes a minute instead of a second.
CREATE INDEX unit_version_parent_valid ON unit_version USING gist (parent_id, valid);
CREATE INDEX unit_version_search ON unit_version USING gin (search_key(name) gin_trgm_ops);

-- The descendant comes first: the planner takes this index to go upwards from a unit on a day, which costs fifty times
-- as much where the index begins with the ancestor.
ALTER TABLE ancestry
    ADD CONSTRAINT ancestry_one_at_a_time UNIQUE (descendant_id, ancestor_id, valid WITHOUT OVERLAPS);

SELECT watch('unit');
SELECT watch('unit_version');
SELECT watch('reorganisation');
SELECT watch('succession');

-- The levels of Viet Nam, before and since 2025; an installation may define others.
INSERT INTO level (rank, code, name_vi, name_en) VALUES
    (0, 'central', 'Trung ương', 'Centre'),
    (10, 'province', 'Cấp tỉnh', 'Province'),
    (20, 'district', 'Cấp huyện', 'District'),
    (30, 'commune', 'Cấp xã', 'Commune'),
    (40, 'cell', 'Cơ sở', 'Grassroots');
