-- The newest attempts, oldest first. Parameters: codebase_id or NULL; path or NULL (also all below it); only failed;
-- not older than (a time, or how long ago) or NULL; after this attempt_id or NULL; at most.
SELECT * FROM (
    SELECT attempt_id::text, to_char(attempted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS attempted_at,
        codebase_id, path, operation, origin, result, code_files_status, metadata_status, code_files_sqlstate,
        metadata_sqlstate, code_files_error, metadata_error, code_files_duration_us::text, metadata_duration_us::text,
        code_files_attempts::text, metadata_attempts::text, attempt_no::text, old_path, parse_us::text, wait_us::text, encode(content_hash, 'hex') AS content_hash,
        daemon_id, branch, reason
    FROM sync_audit
    WHERE ($1::text IS NULL OR codebase_id = $1::text)
        AND ($2::text IS NULL OR path = $2::text OR starts_with(path, $2::text || '/'))
        AND (NOT $3::boolean OR result NOT IN ('both_tables', 'unchanged'))
        AND ($4::text IS NULL OR sync_audit.attempted_at >= CASE
            WHEN $4::text ~* '^\s*[+-]?\d+(\.\d+)?\s*[a-z]'
                THEN now() - greatest($4::text::interval, -$4::text::interval)
            ELSE $4::text::timestamptz END)
        AND ($5::text IS NULL OR sync_audit.attempt_id > $5::text::uuid)
    ORDER BY sync_audit.attempt_id DESC
    LIMIT $6::bigint
) AS newest
ORDER BY attempt_id
