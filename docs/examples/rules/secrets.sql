-- Files in which a password, token or private key seems to lie.
SELECT path, 1 AS line, 'critical' AS severity, format('%s secret(s) in the source', secret_count) AS message
FROM codebase_metadata
WHERE codebase_id = current_setting('srctab.codebase_id') AND secret_count > 0
ORDER BY path;
