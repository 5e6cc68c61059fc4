-- part: main
CREATE OR REPLACE VIEW sync_health AS
SELECT c.codebase_id,
    ''::text COLLATE "C" AS path,
    count(a.attempt_id) AS attempts,
    count(*) FILTER (WHERE a.result = 'both_tables') AS both_tables,
    count(*) FILTER (WHERE a.result = 'code_files_only') AS code_files_only,
    count(*) FILTER (WHERE a.result = 'codebase_metadata_only') AS codebase_metadata_only,
    count(*) FILTER (WHERE a.result = 'both_failed') AS both_failed,
    count(*) FILTER (WHERE a.result IN ('skipped', 'skipped_busy')) AS skipped,
    count(*) FILTER (WHERE a.code_files_status = 'failed') AS code_files_failures,
    count(*) FILTER (WHERE a.metadata_status = 'failed') AS metadata_failures,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY a.code_files_duration_us)
        FILTER (WHERE a.code_files_status = 'ok') AS code_files_us_median,
    percentile_disc(0.95) WITHIN GROUP (ORDER BY a.code_files_duration_us)
        FILTER (WHERE a.code_files_status = 'ok') AS code_files_us_p95,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY a.metadata_duration_us)
        FILTER (WHERE a.metadata_status = 'ok') AS metadata_us_median,
    percentile_disc(0.95) WITHIN GROUP (ORDER BY a.metadata_duration_us)
        FILTER (WHERE a.metadata_status = 'ok') AS metadata_us_p95,
    max(a.attempted_at) AS last_attempt_at,
    (SELECT count(*) FROM ingestion_queue AS q
      WHERE q.codebase_id = c.codebase_id AND q.status = 'pending') AS queue_pending,
    (SELECT count(*) FROM ingestion_queue AS q
      WHERE q.codebase_id = c.codebase_id AND q.status = 'dead') AS queue_dead
FROM codebases AS c
LEFT JOIN sync_audit AS a ON a.codebase_id = c.codebase_id AND a.attempted_at > now() - interval '1 hour'
GROUP BY c.codebase_id;
COMMENT ON VIEW sync_health IS 'The last hour of each codebase: outcomes, write times, what waits. path is that of the root: empty.';
