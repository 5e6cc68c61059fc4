-- Parameter: host or NULL.
SELECT watch_id::text, path, codebase_id, enabled::text, recursive::text, debounce_ms::text,
    array_to_json(patterns)::text AS include, array_to_json(ignore_patterns)::text AS exclude,
    array_to_json(sinks)::text AS sinks, host, source, branch
FROM watch_folders
WHERE $1::text IS NULL OR host = $1::text
ORDER BY host, path
