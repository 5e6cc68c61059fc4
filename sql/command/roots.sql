-- Roots bound on this host. Parameters: host, codebase_id or NULL.
SELECT codebase_id, root_path
FROM codebases
WHERE host = $1 AND ($2::text IS NULL OR codebase_id = $2::text)
ORDER BY root_path
