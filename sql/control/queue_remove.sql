-- Parameters: codebase_id, id.
DELETE FROM ingestion_queue WHERE codebase_id = $1 AND queue_id = $2::text::uuid
