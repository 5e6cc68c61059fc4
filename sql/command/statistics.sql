-- Parameter: codebase_id or NULL.
SELECT codebase_id, counter, value::text
FROM statistics
WHERE $1::text IS NULL OR codebase_id = $1::text
ORDER BY codebase_id, counter
