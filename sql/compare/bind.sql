-- Parameters: codebase_id, source, host, root_path. The first one to ask gets the row.
INSERT INTO codebases (codebase_id, source, host, root_path) VALUES ($1, $2, $3, $4)
ON CONFLICT (codebase_id) DO NOTHING
