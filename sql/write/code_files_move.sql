-- Parameters: codebase_id, old path, new path, path_raw, file_mtime and stat_signature (NULL: as they were).
-- Changing the key in place moves no large column. If the new path has a row, nothing happens.
UPDATE code_files SET
    path = $3,
    path_raw = $4,
    file_mtime = coalesce($5, file_mtime),
    stat_signature = coalesce($6, stat_signature),
    synced_at = now()
WHERE codebase_id = $1 AND path = $2
    AND NOT EXISTS (SELECT FROM code_files AS taken WHERE taken.codebase_id = $1 AND taken.path = $3)
