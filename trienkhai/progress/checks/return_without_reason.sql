-- A report was returned without a reason.
--
-- Severity: error
-- Advice: Ask the reviewer for the reason and tell the unit; without it nobody knows what to mend.
SELECT format('review %%s', review.id) AS subject,
    format('report %%s, returned on %%s', review.report_id, review.day) AS detail
FROM review
WHERE review.decision = 'returned' AND btrim(review.reason, E' \t\n') = ''
ORDER BY review.id
