-- part: main
CREATE OR REPLACE VIEW statistics_total AS
SELECT counter,
    CASE WHEN counter = 'oldest_pending_ms' THEN max(value) ELSE sum(value)::bigint END AS value,
    max(updated_at) AS updated_at
FROM statistics
GROUP BY counter;
COMMENT ON VIEW statistics_total IS 'The counters of all codebases together.';
