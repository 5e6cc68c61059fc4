-- summary: files with the most lines of code
SELECT path, language, lines_code, lines_comment, function_count AS functions, size_bytes
FROM codebase
WHERE :'codebase' IN ('', codebase_id)
ORDER BY coalesce(lines_code, lines_total, line_count) DESC NULLS LAST, path
LIMIT :limit
