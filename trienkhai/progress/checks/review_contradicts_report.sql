-- A report says something else of its review than the review does.
--
-- Severity: error
-- Advice: Find out what wrote it past the operations; the review, with its reason, is what holds.
SELECT format('report %%s', report.id) AS subject,
    format('%%s of %%s; review: %%s of %%s', report.state, report.day, coalesce(review.decision, 'none'),
        coalesce(review.day::text, 'no day')) AS detail
FROM report
LEFT JOIN review ON review.report_id = report.id
WHERE report.state <> coalesce(review.decision, 'waiting') OR review.day < report.day
ORDER BY report.id
