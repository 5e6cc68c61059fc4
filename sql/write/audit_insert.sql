-- Parameter: a JSON array of records with the columns as keys. An attempt that is there already is left alone.
INSERT INTO sync_audit (
    codebase_id, attempt_id, path, attempted_at, operation, origin, result, code_files_status,
    metadata_status, code_files_sqlstate, metadata_sqlstate, code_files_error, metadata_error,
    code_files_duration_us, metadata_duration_us, code_files_attempts, metadata_attempts,
    attempt_no, old_path, parse_us, wait_us, content_hash, daemon_id, branch, reason)
SELECT
    codebase_id, attempt_id, path, attempted_at, operation, origin, result, code_files_status,
    metadata_status, code_files_sqlstate, metadata_sqlstate, code_files_error, metadata_error,
    code_files_duration_us, metadata_duration_us, code_files_attempts, metadata_attempts,
    attempt_no, old_path, parse_us, wait_us, content_hash, daemon_id, branch, reason
FROM json_populate_recordset(NULL::sync_audit, $1::json)
ON CONFLICT (codebase_id, attempt_id) DO NOTHING
