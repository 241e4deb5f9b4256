-- Count the units that each task of a programme addresses on a day, by level and role.
--
-- Parameters: programme (id), day. Result: task_id, level_id, role, units. Locks: none.
-- Measured at 106,206 units over 15 tasks: 0.3 s.
SELECT task_id, level_id, role, count(*)::integer AS units
FROM addressed_units(%(programme)s::bigint, %(day)s::date)
GROUP BY task_id, level_id, role
