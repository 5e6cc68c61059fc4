-- summary: pairs of files that import each other
-- By the text of imports: a file is meant when its path, with or without its ending, ends with what the import names.
WITH files AS MATERIALIZED (
    SELECT f.codebase_id, f.path, '/' || lower(translate(n.name, '_-', '')) AS name
    FROM code_files AS f
    CROSS JOIN LATERAL (VALUES (f.path),
        (regexp_replace(f.path, '(/index|/__init__|/mod)?\.[^./]*$', ''))) AS n(name)
    WHERE :'codebase' IN ('', f.codebase_id)
), named AS MATERIALIZED (
    SELECT DISTINCT i.codebase_id, i.path, '/' || lower(translate(trim(both '/' FROM CASE
        WHEN m.module ~ '\.(h|hh|hpp|hxx|inc|php|rb|sh|nix|json|ya?ml|tsx?|py)$'
            THEN regexp_replace(m.module, '^(\.{0,2}/)+', '')
        ELSE regexp_replace(regexp_replace(regexp_replace(m.module, '\.[cm]?jsx?$', ''),
            '^(crate|self|super)::', ''), '[.:\\/]+', '/', 'g') END), '_-', '')) AS name
    FROM imports AS i
    CROSS JOIN LATERAL (
        SELECT i.module
        UNION ALL
        SELECT i.module || '/' || n FROM unnest(i.names) AS n
    ) AS m(module)
    WHERE :'codebase' IN ('', i.codebase_id)
), edges AS MATERIALIZED (
    SELECT DISTINCT n.codebase_id, n.path AS from_path, f.path AS to_path
    FROM named AS n
    JOIN files AS f ON f.codebase_id = n.codebase_id
        AND regexp_replace(f.name, '^.*/', '') = regexp_replace(n.name, '^.*/', '')
        AND right(f.name, length(n.name)) = n.name
    WHERE n.path <> f.path AND length(n.name) > 1
)
SELECT e.from_path AS path, e.to_path AS and_path
FROM edges AS e
JOIN edges AS b ON b.codebase_id = e.codebase_id AND b.from_path = e.to_path AND b.to_path = e.from_path
WHERE e.from_path < e.to_path
ORDER BY 1, 2
LIMIT :limit
