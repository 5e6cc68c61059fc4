-- summary: what each directory adds up to, largest first
SELECT CASE path WHEN '' THEN '.' ELSE path END AS directory, files, lines_code, function_count AS functions,
    cognitive_complexity AS cognitive, round(maintainability_index::numeric, 1) AS maintainability,
    technical_debt_minutes AS debt_minutes
FROM directories
WHERE :'codebase' IN ('', codebase_id)
ORDER BY lines_code DESC NULLS LAST, path
LIMIT :limit
