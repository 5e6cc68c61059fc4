-- Parameters: host, path, codebase_id, tenant_id, branch, patterns (JSON array), ignore_patterns (JSON array),
-- recursive, debounce_ms or NULL, sinks (JSON array or NULL).
INSERT INTO watch_folders AS w (host, path, codebase_id, tenant_id, branch, patterns, ignore_patterns, recursive,
    debounce_ms, sinks, source)
VALUES ($1::text, $2::text, $3::text, $4::text, $5::text,
    ARRAY(SELECT json_array_elements_text($6::json)), ARRAY(SELECT json_array_elements_text($7::json)),
    $8::boolean, $9::integer,
    CASE WHEN $10::json IS NULL THEN NULL ELSE ARRAY(SELECT json_array_elements_text($10::json)) END, 'sql')
ON CONFLICT (host, path) DO UPDATE SET
    codebase_id = excluded.codebase_id, tenant_id = excluded.tenant_id, branch = excluded.branch,
    patterns = excluded.patterns, ignore_patterns = excluded.ignore_patterns, recursive = excluded.recursive,
    debounce_ms = excluded.debounce_ms, sinks = excluded.sinks, source = 'sql', enabled = true
RETURNING codebase_id, path
