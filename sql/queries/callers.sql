-- summary: lines that name a function, and the function they stand in
-- arguments: name
WITH wanted AS (
    SELECT '\m' || regexp_replace(:'name', '(\W)', '\\\1', 'g') || '\M' AS pattern
)
SELECT f.path, l.line, g.qualified_name AS inside, left(trim(l.text), 100) AS text
FROM wanted
CROSS JOIN code_files AS f
CROSS JOIN LATERAL regexp_split_to_table(f.content, E'\n') WITH ORDINALITY AS l(text, line)
LEFT JOIN LATERAL (
    SELECT x.qualified_name, x.name, x.line FROM functions AS x
    WHERE x.codebase_id = f.codebase_id AND x.path = f.path AND l.line BETWEEN x.line AND x.end_line
    ORDER BY x.line DESC LIMIT 1
) AS g ON true
WHERE :'codebase' IN ('', f.codebase_id)
    AND strpos(f.content, :'name') > 0
    AND l.text ~ wanted.pattern
    AND (g.name IS DISTINCT FROM :'name' OR g.line IS DISTINCT FROM l.line)
ORDER BY f.path, l.line
LIMIT :limit
