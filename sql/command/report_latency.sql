-- Latency of the last 60 hours that had changes. Parameter: codebase_id or NULL.
SELECT json_build_array(to_char(hour, 'YYYY-MM-DD HH24:MI'), n, round(median::numeric, 1), round(p95::numeric, 1))::text
FROM (
    SELECT date_trunc('hour', attempted_at) AS hour, count(*) AS n,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY (coalesce(parse_us, 0)
            + greatest(code_files_duration_us, metadata_duration_us, 0)) / 1000.0) AS median,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY (coalesce(parse_us, 0)
            + greatest(code_files_duration_us, metadata_duration_us, 0)) / 1000.0) AS p95
    FROM sync_audit
    WHERE ($1::text IS NULL OR codebase_id = $1::text) AND result IN ('both_tables', 'code_files_only',
        'codebase_metadata_only')
    GROUP BY 1
    ORDER BY 1 DESC
    LIMIT 60
) AS hours
ORDER BY hour
