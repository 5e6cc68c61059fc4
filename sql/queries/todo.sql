-- summary: lines marked TODO, FIXME, XXX or HACK
SELECT f.path, l.line, left(trim(l.text), 120) AS text
FROM code_files AS f
CROSS JOIN LATERAL regexp_split_to_table(f.content, E'\n') WITH ORDINALITY AS l(text, line)
WHERE :'codebase' IN ('', f.codebase_id)
    AND f.content ~ '\m(TODO|FIXME|XXX|HACK)\M'
    AND l.text ~ '\m(TODO|FIXME|XXX|HACK)\M'
ORDER BY f.path, l.line
LIMIT :limit
