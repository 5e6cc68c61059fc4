-- summary: pairs of files that import each other
-- By the text of imports: a file is meant when its path, without its ending, ends with what the import names.
WITH files AS MATERIALIZED (
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
)
SELECT e.from_path AS path, e.to_path AS and_path
FROM edges AS e
JOIN edges AS b ON b.codebase_id = e.codebase_id AND b.from_path = e.to_path AND b.to_path = e.from_path
WHERE e.from_path < e.to_path
ORDER BY 1, 2
LIMIT :limit
