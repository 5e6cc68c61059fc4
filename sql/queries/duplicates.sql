-- summary: files with the same bytes, and what they waste
SELECT count(*) AS copies, (sum(size_bytes) - max(size_bytes))::bigint AS wasted_bytes,
    string_agg(path, ' ' ORDER BY path) AS paths
FROM code_files
WHERE :'codebase' IN ('', codebase_id) AND size_bytes > 0
GROUP BY content_hash
HAVING count(*) > 1
ORDER BY 2 DESC, 3
LIMIT :limit
