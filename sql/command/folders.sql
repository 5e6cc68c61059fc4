-- Parameter: host or NULL.
SELECT watch_id, path, codebase_id, enabled, recursive, debounce_ms, array_to_json(patterns) AS include,
    array_to_json(ignore_patterns) AS exclude, array_to_json(sinks) AS sinks, host, source, branch
FROM watch_folders
WHERE $1::text IS NULL OR host = $1::text
ORDER BY host, path
