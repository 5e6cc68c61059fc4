-- All rows of a codebase but its audit log, whose rows are never changed. Parameter: codebase_id.
WITH files AS (DELETE FROM code_files WHERE codebase_id = $1::text RETURNING 1),
    metadata AS (DELETE FROM codebase_metadata WHERE codebase_id = $1::text RETURNING 1),
    queue AS (DELETE FROM ingestion_queue WHERE codebase_id = $1::text RETURNING 1),
    counters AS (DELETE FROM statistics WHERE codebase_id = $1::text RETURNING 1),
    bound AS (DELETE FROM codebases WHERE codebase_id = $1::text RETURNING 1)
SELECT (SELECT count(*) FROM files)::text, (SELECT count(*) FROM metadata)::text
