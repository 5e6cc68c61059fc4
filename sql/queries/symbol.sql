-- summary: definitions whose name contains a text
-- arguments: name
SELECT path, line, kind, name, scope
FROM symbols
WHERE :'codebase' IN ('', codebase_id) AND strpos(lower(name), lower(:'name')) > 0
ORDER BY length(name), name, path, line
LIMIT :limit
