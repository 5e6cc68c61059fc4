-- summary: files that import a file, directly or through others
-- arguments: file
-- By the text of imports: a file is meant when its path, with or without its ending, ends with what the import names.
WITH RECURSIVE files AS MATERIALIZED (
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
