-- summary: how long changes took to become rows, by hour
SELECT to_char(date_trunc('hour', attempted_at), 'YYYY-MM-DD HH24:00') AS hour, count(*) AS changes,
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY (coalesce(parse_us, 0)
        + greatest(code_files_duration_us, metadata_duration_us)) / 1000.0)::numeric, 1) AS median_ms,
    round(percentile_cont(0.95) WITHIN GROUP (ORDER BY (coalesce(parse_us, 0)
        + greatest(code_files_duration_us, metadata_duration_us)) / 1000.0)::numeric, 1) AS p95_ms,
    count(*) FILTER (WHERE result NOT IN ('both_tables', 'unchanged')) AS not_both_tables
FROM sync_audit
WHERE :'codebase' IN ('', codebase_id)
GROUP BY date_trunc('hour', attempted_at)
ORDER BY date_trunc('hour', attempted_at) DESC
LIMIT :limit
