DELETE FROM codebase_metadata WHERE codebase_id = $1 AND path = ANY ($2)
