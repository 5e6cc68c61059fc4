SELECT count(*) FROM codebase_metadata WHERE codebase_id = $1
