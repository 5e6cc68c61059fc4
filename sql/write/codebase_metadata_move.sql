-- Parameters: codebase_id, old path, new path, path_raw. If the new path has a row, nothing happens.
UPDATE codebase_metadata SET
    path = $3,
    path_raw = $4,
    synced_at = now()
WHERE codebase_id = $1 AND path = $2
    AND NOT EXISTS (SELECT FROM codebase_metadata AS taken WHERE taken.codebase_id = $1 AND taken.path = $3)
