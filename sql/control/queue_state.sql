-- Parameters: codebase_id, id. No row: it is done.
SELECT status, last_error FROM ingestion_queue WHERE codebase_id = $1 AND queue_id = $2::text::uuid
