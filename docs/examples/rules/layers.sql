-- A rule of architecture: what lies in lib/ imports nothing from app/.
SELECT path, line, 'error' AS severity, 'lib/ must not import ' || module AS message
FROM imports
WHERE codebase_id = current_setting('srctab.codebase_id') AND path ~ '(^|/)lib/' AND module ~ '(^|[./:])app([./:]|$)'
ORDER BY path, line;
