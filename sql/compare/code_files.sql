SELECT path, path_raw, language, stat_signature, size_bytes, file_mtime, content_hash, parser_rev,
    parse_status IN ('timeout', 'memory'), metadata ->> 'mode'
FROM code_files
WHERE codebase_id = $1
ORDER BY path
