-- srctab check docs/examples/rules/*.sql: functions that nobody can follow any more.
SELECT path, line, 'error' AS severity,
    format('%s has cognitive complexity %s (25 is the most)', qualified_name, cognitive_complexity) AS message
FROM functions
WHERE codebase_id = current_setting('srctab.codebase_id') AND cognitive_complexity > 25
ORDER BY path, line;
