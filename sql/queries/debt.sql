-- summary: files with the most technical debt, in minutes
SELECT path, technical_debt_minutes AS minutes, round(technical_debt_ratio::numeric, 1) AS percent,
    maintainability_rating AS rating, code_smell_count AS smells, todo_count AS todos
FROM codebase_metadata
WHERE :'codebase' IN ('', codebase_id) AND technical_debt_minutes > 0
ORDER BY technical_debt_minutes DESC, path
LIMIT :limit
