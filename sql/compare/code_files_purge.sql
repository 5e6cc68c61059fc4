DELETE FROM code_files WHERE codebase_id = $1
