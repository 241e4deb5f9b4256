-- Count the units that the tasks of a programme address on a day, each once whatever number of tasks it gets.
--
-- Parameters: programme (id), day. Result: units. Locks: none.
-- Measured at 106,206 units over 15 tasks: 0.4 s.
SELECT count(DISTINCT unit_id)::integer AS units
FROM addressed_units(%(programme)s::bigint, %(day)s::date)
