-- What the tables say of each codebase. Parameter: codebase_id or NULL.
SELECT c.codebase_id, c.root_path, c.host,
    (SELECT count(*) FROM code_files AS f WHERE f.codebase_id = c.codebase_id)::text AS code_files,
    (SELECT count(*) FROM codebase_metadata AS m WHERE m.codebase_id = c.codebase_id)::text AS codebase_metadata,
    (SELECT count(*) FROM sync_drift AS d WHERE d.codebase_id = c.codebase_id)::text AS drift,
    (SELECT count(*) FROM ingestion_queue AS q WHERE q.codebase_id = c.codebase_id AND q.status = 'pending')::text
        AS queue_pending,
    (SELECT count(*) FROM ingestion_queue AS q WHERE q.codebase_id = c.codebase_id AND q.status = 'dead')::text
        AS queue_dead,
    h.attempts::text AS attempts_last_hour,
    (h.attempts - h.both_tables)::text AS not_both_tables_last_hour,
    to_char(h.last_attempt_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS last_attempt_at
FROM codebases AS c
LEFT JOIN sync_health AS h ON h.codebase_id = c.codebase_id
WHERE $1::text IS NULL OR c.codebase_id = $1::text
ORDER BY c.codebase_id
