-- Parameters: codebase_id, how many, lowest priority. Rows that are due become running, in the order of their priority and age.
-- The codebase has one owner, so nobody else takes rows and none is skipped.
WITH due AS (
    SELECT queue_id
    FROM ingestion_queue
    WHERE codebase_id = $1
        AND status = 'pending'
        AND priority >= $3
        AND (retry_from IS NULL OR retry_from <= clock_timestamp())
    ORDER BY priority DESC, scheduled_at, queue_id
    LIMIT $2
    FOR UPDATE
), taken AS (
    UPDATE ingestion_queue AS q
    SET status = 'running'
    FROM due
    WHERE q.codebase_id = $1 AND q.queue_id = due.queue_id
    RETURNING q.*
)
SELECT queue_id::text, path, file_absolute_path, operation, sinks, priority, attempts,
    greatest(0, extract(epoch FROM clock_timestamp() - scheduled_at) * 1000)::bigint, metadata::text
FROM taken
ORDER BY priority DESC, scheduled_at, queue_id
