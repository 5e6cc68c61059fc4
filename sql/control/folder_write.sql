-- Parameters in the order of the columns. A row that psql made stays as it is, and an equal one is not written.
INSERT INTO watch_folders (
    host, path, codebase_id, patterns, ignore_patterns, recursive, debounce_ms, enabled, sinks, source,
    tenant_id, branch)
VALUES ($1, $2, $3, coalesce($4, '{}'), coalesce($5, '{}'), $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (host, path) DO UPDATE SET
    codebase_id = excluded.codebase_id,
    patterns = excluded.patterns,
    ignore_patterns = excluded.ignore_patterns,
    recursive = excluded.recursive,
    debounce_ms = excluded.debounce_ms,
    enabled = excluded.enabled,
    sinks = excluded.sinks,
    source = excluded.source,
    tenant_id = excluded.tenant_id,
    branch = excluded.branch
WHERE watch_folders.source <> 'sql'
    AND (watch_folders.codebase_id, watch_folders.patterns, watch_folders.ignore_patterns,
        watch_folders.recursive, watch_folders.debounce_ms, watch_folders.enabled, watch_folders.sinks,
        watch_folders.source, watch_folders.tenant_id, watch_folders.branch)
    IS DISTINCT FROM
        (excluded.codebase_id, excluded.patterns, excluded.ignore_patterns,
        excluded.recursive, excluded.debounce_ms, excluded.enabled, excluded.sinks,
        excluded.source, excluded.tenant_id, excluded.branch)
