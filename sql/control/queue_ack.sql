-- Parameters: codebase_id, ids. Who waits for a wait row hears of it.
WITH done AS (
    DELETE FROM ingestion_queue
    WHERE codebase_id = $1 AND queue_id = ANY ($2::text[]::uuid[])
    RETURNING queue_id, operation
)
SELECT pg_notify('srctab_changes',
    json_build_object('v', 1, 'codebase', $1::text, 'n', 0, 'wait', queue_id)::text)
FROM done
WHERE operation = 'wait'
