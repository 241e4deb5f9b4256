-- Take reports: judge every line under a lock on its assignment; if none is refused, write them all.
--
-- Parameters: lines (a JSON array of trienkhai.progress.rules.ReportLine), day, author (user id or NULL), units (those
-- that the reporter may report for, NULL for all; a unit that ended is reported for by its heir), used_keys (those of
-- the author's earlier reports; the caller leaves out the lines that repeat one of them).
-- A result is done by whole: its progress is 100, whatever its line says.
-- Result: one row a line, in their order: line, report (id, NULL when anything was refused), problem (NULL when the
-- line is good), and the state and version that the assignment has now.
-- Locks: the rows of the assignments, in the order of their ids. Measured: `trienkhai measure report report_batch`.
WITH line AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(%(lines)s::jsonb) AS line (
        line integer, assignment bigint, version integer, is_result boolean, period_from date, period_to date,
        progress integer, text text, difficulties text, entered_on date, client_key text, indicator_values jsonb,
        evidence jsonb)
),
held AS MATERIALIZED (
    SELECT id, programme_id, task_id, unit_id, state, version, since
    FROM assignment
    WHERE id IN (SELECT assignment FROM line)
    ORDER BY id
    FOR UPDATE
),
judged AS MATERIALIZED (
    SELECT line.*, held.programme_id, held.state, held.version AS present_version,
        CASE
            WHEN held.id IS NULL OR NOT (
                %(units)s::bigint[] IS NULL OR EXISTS (
                    SELECT FROM ancestry AS cover
                    WHERE cover.descendant_id = held.unit_id AND cover.ancestor_id = ANY (%(units)s::bigint[])
                        AND cover.depth = 0 AND cover.valid @> %(day)s::date)
            ) THEN 'unknown'
            WHEN count(*) OVER (PARTITION BY line.assignment) > 1 THEN 'twice'
            WHEN line.client_key <> '' AND count(*) OVER (PARTITION BY line.client_key) > 1 THEN 'key_twice'
            WHEN line.client_key = ANY (%(used_keys)s::text[]) THEN 'key_used'
            WHEN line.version IS NOT NULL AND line.version <> held.version THEN 'changed_meanwhile'
            WHEN held.state NOT IN ('not_started', 'in_progress') THEN held.state
            WHEN programme.closed_on < %(day)s::date THEN 'programme_closed'
            WHEN held.since > %(day)s::date THEN 'before_last_change'
            WHEN line.entered_on > %(day)s::date THEN 'entered_later'
            WHEN line.progress NOT BETWEEN 0 AND 100 THEN 'progress_out_of_range'
            WHEN line.period_from >= line.period_to THEN 'period_out_of_range'
            WHEN line.is_result AND task.demands_evidence AND jsonb_array_length(line.evidence) = 0
                THEN 'evidence_missing'
            WHEN EXISTS (
                SELECT FROM jsonb_to_recordset(line.evidence) AS proof (file text)
                WHERE NOT EXISTS (SELECT FROM stored_file WHERE sha256 = proof.file)
            ) THEN 'evidence_unknown'
            WHEN EXISTS (
                SELECT FROM jsonb_to_recordset(line.indicator_values)
                    AS value (indicator bigint, numerator numeric, denominator numeric)
                LEFT JOIN indicator ON indicator.id = value.indicator AND indicator.task_id = held.task_id
                GROUP BY value.indicator
                HAVING count(indicator.id) <> 1 OR bool_or(
                    value.denominator = 0 OR (value.denominator IS NULL) <> (indicator.over_units = 'sum')
                    -- not a number and infinity are larger than every number
                    OR abs(value.numerator) >= 1e14 OR abs(value.denominator) >= 1e14)
            ) THEN 'indicator_unknown'
        END AS problem
    FROM line
    LEFT JOIN held ON held.id = line.assignment
    LEFT JOIN task ON task.id = held.task_id
    LEFT JOIN programme ON programme.id = held.programme_id
),
good AS MATERIALIZED (
    SELECT * FROM judged WHERE NOT EXISTS (SELECT FROM judged WHERE problem IS NOT NULL)
),
moved AS (
    UPDATE assignment
    SET state = CASE WHEN good.is_result THEN 'waiting' ELSE 'in_progress' END,
        submitted_on = CASE WHEN good.is_result THEN %(day)s::date END,
        progress = CASE WHEN good.is_result THEN 100 ELSE good.progress END
    FROM good
    WHERE assignment.id = good.assignment
),
written AS (
    INSERT INTO report (assignment_id, programme_id, author_id, client_key, is_result, period, progress, text,
        difficulties, day, entered_on)
    SELECT assignment, programme_id, %(author)s::bigint, coalesce(client_key, ''), is_result,
        CASE WHEN period_from IS NOT NULL THEN daterange(period_from, period_to) END,
        CASE WHEN is_result THEN 100 ELSE progress END, text,
        coalesce(difficulties, ''), %(day)s::date, coalesce(entered_on, %(day)s::date)
    FROM good
    ORDER BY line
    RETURNING id, assignment_id
),
valued AS (
    INSERT INTO indicator_value (report_id, indicator_id, numerator, denominator)
    SELECT written.id, value.indicator, value.numerator, value.denominator
    FROM written
    JOIN good ON good.assignment = written.assignment_id
    CROSS JOIN LATERAL jsonb_to_recordset(good.indicator_values)
        AS value (indicator bigint, numerator numeric, denominator numeric)
),
proven AS (
    INSERT INTO evidence (report_id, file_id, name)
    SELECT written.id, proof.file, proof.name
    FROM written
    JOIN good ON good.assignment = written.assignment_id
    CROSS JOIN LATERAL jsonb_to_recordset(good.evidence) AS proof (file text, name text)
    ON CONFLICT ON CONSTRAINT evidence_once_a_report DO NOTHING
)
SELECT judged.line, judged.problem, judged.state, judged.present_version AS version, written.id AS report
FROM judged
LEFT JOIN written ON written.assignment_id = judged.assignment
ORDER BY judged.line
