-- Parameters: codebase_id, paths (NULL: all), hash only. Left out: first_seen, synced_at, file_mtime, stat_signature.
-- Equal bytes and revision, yet one side ran out of time or memory: undecided, since a limit on CPU time is not the same twice.
WITH live AS (
    SELECT * FROM code_files WHERE codebase_id = $1 AND ($2::text[] IS NULL OR path = ANY ($2))
), fresh AS (
    SELECT * FROM pg_temp.code_files WHERE codebase_id = $1 AND ($2 IS NULL OR path = ANY ($2))
), compared AS (
    SELECT path,
        CASE WHEN live.content_hash IS NULL THEN 'missing'
             WHEN fresh.content_hash IS NULL THEN 'extra'
             WHEN live.content_hash = fresh.content_hash AND live.parser_rev = fresh.parser_rev
                 AND (live.parse_status IN ('timeout', 'memory')
                      OR fresh.parse_status IN ('timeout', 'memory')) THEN 'undecided'
             ELSE 'differs' END AS problem,
        concat_ws(',',
            CASE WHEN live.content_hash IS DISTINCT FROM fresh.content_hash THEN 'content_hash' END,
            CASE WHEN live.parser_rev IS DISTINCT FROM fresh.parser_rev THEN 'parser_rev' END,
            CASE WHEN NOT $3::boolean THEN concat_ws(',',
                CASE WHEN live.path_raw IS DISTINCT FROM fresh.path_raw THEN 'path_raw' END,
                CASE WHEN live.language IS DISTINCT FROM fresh.language THEN 'language' END,
                CASE WHEN live.content IS DISTINCT FROM fresh.content THEN 'content' END,
                CASE WHEN live.content_state IS DISTINCT FROM fresh.content_state
                     THEN 'content_state' END,
                CASE WHEN live.size_bytes IS DISTINCT FROM fresh.size_bytes THEN 'size_bytes' END,
                CASE WHEN live.line_count IS DISTINCT FROM fresh.line_count THEN 'line_count' END,
                CASE WHEN live.parse_status IS DISTINCT FROM fresh.parse_status
                     THEN 'parse_status' END,
                CASE WHEN live.ast::text IS DISTINCT FROM fresh.ast::text THEN 'ast' END,
                CASE WHEN live.functions IS DISTINCT FROM fresh.functions THEN 'functions' END,
                CASE WHEN live.classes IS DISTINCT FROM fresh.classes THEN 'classes' END,
                CASE WHEN live.imports IS DISTINCT FROM fresh.imports THEN 'imports' END,
                CASE WHEN live.exports IS DISTINCT FROM fresh.exports THEN 'exports' END,
                CASE WHEN live.symbols IS DISTINCT FROM fresh.symbols THEN 'symbols' END,
                CASE WHEN live.metadata IS DISTINCT FROM fresh.metadata THEN 'metadata' END) END
        ) AS columns
    FROM live FULL JOIN fresh USING (codebase_id, path)
)
SELECT path, problem, CASE WHEN problem IN ('differs', 'undecided') THEN columns ELSE '' END
FROM compared
WHERE problem IN ('missing', 'extra') OR columns <> ''
ORDER BY path
