-- summary: files that import a file, directly or through others
-- arguments: file
-- By the text of imports: a file is meant when its path, without its ending, ends with what the import names.
WITH RECURSIVE files AS MATERIALIZED (
    SELECT codebase_id, path, '/' || lower(translate(
        regexp_replace(path, '(/index|/__init__|/mod)?\.[^./]*$', ''), '_-', '')) AS stem
    FROM code_files
    WHERE :'codebase' IN ('', codebase_id)
), named AS MATERIALIZED (
    SELECT DISTINCT i.codebase_id, i.path, '/' || lower(translate(trim(both '/' FROM regexp_replace(
        regexp_replace(regexp_replace(m.module, '\.(h|hpp|hh|js|jsx|ts|tsx|mjs|cjs|rb|php|sh|nix|py)$', ''),
            '^(crate|self|super)::', ''), '[.:\\/]+', '/', 'g')), '_-', '')) AS stem
    FROM imports AS i
    CROSS JOIN LATERAL (
        SELECT i.module
        UNION ALL
        SELECT i.module || '/' || n FROM jsonb_array_elements_text(
            CASE jsonb_typeof(i.names) WHEN 'array' THEN i.names ELSE '[]' END) AS n
    ) AS m(module)
    WHERE :'codebase' IN ('', i.codebase_id)
), edges AS MATERIALIZED (
    SELECT DISTINCT n.codebase_id, n.path AS from_path, f.path AS to_path
    FROM named AS n
    JOIN files AS f ON f.codebase_id = n.codebase_id
        AND regexp_replace(f.stem, '^.*/', '') = regexp_replace(n.stem, '^.*/', '')
        AND right(f.stem, length(n.stem)) = n.stem
    WHERE n.path <> f.path AND length(n.stem) > 1
), affected(codebase_id, path, hops) AS (
    SELECT codebase_id, from_path, 1 FROM edges WHERE to_path = :'file'
    UNION
    SELECT e.codebase_id, e.from_path, a.hops + 1
    FROM affected AS a
    JOIN edges AS e ON e.codebase_id = a.codebase_id AND e.to_path = a.path
    WHERE a.hops < 6
)
SELECT path, min(hops) AS hops
FROM affected
WHERE path <> :'file'
GROUP BY path
ORDER BY 2, 1
LIMIT :limit
