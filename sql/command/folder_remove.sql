-- Parameters: host, path.
DELETE FROM watch_folders
WHERE host = $1::text AND path = $2::text
RETURNING codebase_id, path
