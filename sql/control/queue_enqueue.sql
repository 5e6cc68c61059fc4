-- Parameters: codebase_id, path, priority, operation, sinks.
SELECT enqueue_file($1, $2, $3, $4, $5)::text
