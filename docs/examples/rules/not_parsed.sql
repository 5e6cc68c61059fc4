-- Files with syntax errors, or that could not be parsed at all.
SELECT path, 1 AS line, 'warning' AS severity, 'parse status: ' || parse_status AS message
FROM code_files
WHERE codebase_id = current_setting('srctab.codebase_id')
    AND parse_status IN ('partial', 'failed', 'timeout', 'memory')
ORDER BY path;
