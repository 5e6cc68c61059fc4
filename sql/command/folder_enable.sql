-- Parameters: host, path, enabled.
UPDATE watch_folders SET enabled = $3::boolean, source = 'sql'
WHERE host = $1::text AND path = $2::text
RETURNING codebase_id, path
