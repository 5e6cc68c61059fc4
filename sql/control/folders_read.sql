-- Parameter: host.
SELECT watch_id, path, codebase_id, patterns, ignore_patterns, recursive, coalesce(debounce_ms, -1), enabled,
    sinks, host, source, tenant_id, branch, config_rev
FROM watch_folders
WHERE host = $1
ORDER BY path
