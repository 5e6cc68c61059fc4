DELETE FROM code_files WHERE codebase_id = $1 AND path = ANY ($2)
