-- summary: what was synced last
SELECT to_char(attempted_at, 'YYYY-MM-DD HH24:MI:SS') AS at, operation, path, result
FROM sync_audit
WHERE :'codebase' IN ('', codebase_id)
ORDER BY attempted_at DESC, path
LIMIT :limit
