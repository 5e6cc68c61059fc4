-- The latest attempts. Parameter: codebase_id or NULL.
SELECT json_build_array(to_char(attempted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), operation, path, result,
    coalesce(code_files_error, metadata_error, reason, ''))::text
FROM sync_audit
WHERE $1::text IS NULL OR codebase_id = $1::text
ORDER BY attempt_id DESC
LIMIT 200
