UPDATE codebases SET source = $2, host = $3, root_path = $4 WHERE codebase_id = $1
