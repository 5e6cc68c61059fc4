-- summary: functions whose name stands in no other place of the codebase
WITH words AS MATERIALIZED (
    SELECT f.codebase_id, w.word, count(*) AS uses
    FROM code_files AS f
    CROSS JOIN LATERAL regexp_split_to_table(f.content, '\W+') AS w(word)
    WHERE :'codebase' IN ('', f.codebase_id)
    GROUP BY f.codebase_id, w.word
    HAVING count(*) = 1
)
SELECT x.path, x.line, x.qualified_name AS function, x.lines_code AS lines
FROM functions AS x
JOIN words AS w ON w.codebase_id = x.codebase_id AND w.word = x.name
WHERE :'codebase' IN ('', x.codebase_id) AND x.name <> 'main'
ORDER BY x.lines_code DESC NULLS LAST, x.path, x.line
LIMIT :limit
