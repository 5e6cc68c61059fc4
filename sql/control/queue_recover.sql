-- Parameter: codebase_id. Whoever marked them running is gone.
UPDATE ingestion_queue SET status = 'pending' WHERE codebase_id = $1 AND status = 'running'
