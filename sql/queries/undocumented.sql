-- summary: public functions without a doc comment, longest first
SELECT path, line, qualified_name AS function, lines_code AS lines
FROM functions
WHERE :'codebase' IN ('', codebase_id) AND exported AND doc IS NULL
ORDER BY lines_code DESC NULLS LAST, path, line
LIMIT :limit
