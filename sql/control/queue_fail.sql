-- Parameters: codebase_id, id, attempts before it is dead, reason, SQLSTATE. A newer request for the same makes this one superfluous.
WITH superseded AS (
    DELETE FROM ingestion_queue AS q
    USING ingestion_queue AS newer
    WHERE q.codebase_id = $1 AND q.queue_id = $2::text::uuid
        AND newer.codebase_id = $1 AND newer.queue_id <> q.queue_id
        AND newer.path = q.path AND newer.operation = q.operation
        AND newer.file_absolute_path IS NOT DISTINCT FROM q.file_absolute_path
        AND newer.sinks IS NOT DISTINCT FROM q.sinks
        AND newer.status = 'pending' AND q.operation <> 'wait'
    RETURNING q.queue_id
)
UPDATE ingestion_queue AS q SET
    attempts = q.attempts + 1,
    status = CASE WHEN q.attempts + 1 >= $3 THEN 'dead' ELSE 'pending' END,
    retry_from = clock_timestamp() + least(interval '15 minutes',
        interval '1 second' * power(2, least(q.attempts + 1, 20))),
    last_error = $4,
    sqlstate = $5
WHERE q.codebase_id = $1 AND q.queue_id = $2::text::uuid
    AND NOT EXISTS (SELECT FROM superseded)
