-- Parameters: codebase_id, id, reason, SQLSTATE. Who waits for a wait row hears of it.
WITH dead AS (
    UPDATE ingestion_queue SET
        status = 'dead',
        attempts = attempts + 1,
        last_error = $3,
        sqlstate = $4
    WHERE codebase_id = $1 AND queue_id = $2::text::uuid
    RETURNING queue_id, operation
)
SELECT pg_notify('srctab_changes',
    json_build_object('v', 1, 'codebase', $1::text, 'n', 0, 'wait', queue_id)::text)
FROM dead
WHERE operation = 'wait'
