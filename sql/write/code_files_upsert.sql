-- Parameters in the order of the columns; JSON documents as text. first_seen stays that of the first row.
INSERT INTO code_files (
    codebase_id, path, path_raw, language, content, content_state, size_bytes, line_count,
    content_hash, file_mtime, stat_signature, parse_status, ast, functions, classes, imports,
    exports, symbols, metadata, parser_rev)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::json, $14::jsonb, $15::jsonb,
    $16::jsonb, $17::jsonb, $18::jsonb, $19::jsonb, $20)
ON CONFLICT (codebase_id, path) DO UPDATE SET
    path_raw = excluded.path_raw,
    language = excluded.language,
    content = excluded.content,
    content_state = excluded.content_state,
    size_bytes = excluded.size_bytes,
    line_count = excluded.line_count,
    content_hash = excluded.content_hash,
    file_mtime = excluded.file_mtime,
    stat_signature = excluded.stat_signature,
    parse_status = excluded.parse_status,
    ast = excluded.ast,
    functions = excluded.functions,
    classes = excluded.classes,
    imports = excluded.imports,
    exports = excluded.exports,
    symbols = excluded.symbols,
    metadata = excluded.metadata,
    parser_rev = excluded.parser_rev,
    synced_at = excluded.synced_at
