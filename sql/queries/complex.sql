-- summary: functions that are hardest to follow
SELECT path, line, qualified_name AS function, cognitive_complexity AS cognitive,
    cyclomatic_complexity AS cyclomatic, nesting_depth_max AS nesting, lines_code AS lines
FROM functions
WHERE :'codebase' IN ('', codebase_id) AND cognitive_complexity IS NOT NULL
ORDER BY cognitive_complexity DESC, path, line
LIMIT :limit
