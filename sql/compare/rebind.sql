-- Parameters as in bind.sql: whoever had the codebase, it is this root's now.
INSERT INTO codebases (codebase_id, source, host, root_path) VALUES ($1, $2, $3, $4)
ON CONFLICT (codebase_id) DO UPDATE SET
    source = excluded.source, host = excluded.host, root_path = excluded.root_path
