SELECT path, path_raw, language, NULL::bigint, size_bytes, NULL::timestamptz, content_hash,
    metrics_version, false, NULL::text
FROM codebase_metadata
WHERE codebase_id = $1
ORDER BY path
