-- summary: files that were not parsed in full, and rows that differ
SELECT path, parse_status AS problem
FROM code_files
WHERE :'codebase' IN ('', codebase_id) AND parse_status NOT IN ('ok', 'unsupported', 'binary')
UNION ALL
SELECT path, problem FROM sync_drift WHERE :'codebase' IN ('', codebase_id)
UNION ALL
SELECT path, 'dead letter: ' || coalesce(last_error, '') FROM dead_letters WHERE :'codebase' IN ('', codebase_id)
ORDER BY 2, 1
LIMIT :limit
