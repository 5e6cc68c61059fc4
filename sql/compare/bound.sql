SELECT source, host, root_path FROM codebases WHERE codebase_id = $1
