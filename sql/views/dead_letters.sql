-- part: main
CREATE OR REPLACE VIEW dead_letters AS
SELECT q.codebase_id, q.path, q.queue_id, q.operation, q.priority, q.attempts, q.last_error, q.sqlstate,
    q.scheduled_at, q.file_absolute_path, q.metadata
FROM ingestion_queue AS q
WHERE q.status = 'dead';
COMMENT ON VIEW dead_letters IS 'Requests that were given up, with the reason; requeue_dead(codebase_id) tries them again.';
