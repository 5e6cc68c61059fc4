-- summary: complex source files whose name no test file mentions
WITH tests AS MATERIALIZED (
    SELECT codebase_id, content FROM code_files
    WHERE :'codebase' IN ('', codebase_id)
        AND path ~* '(^|/)(tests?|specs?|__tests__)/|(^|/)test_|[._-](test|spec)\.[^./]*$|Test\.[^./]*$'
)
SELECT c.path, c.function_count AS functions, c.cognitive_complexity AS cognitive
FROM codebase AS c
WHERE :'codebase' IN ('', c.codebase_id)
    AND c.function_count > 0
    AND c.path !~* '(^|/)(tests?|specs?|__tests__)/|(^|/)test_|[._-](test|spec)\.[^./]*$|Test\.[^./]*$'
    AND NOT EXISTS (
        SELECT FROM tests AS t
        WHERE t.codebase_id = c.codebase_id
            AND strpos(t.content, regexp_replace(c.path, '^.*/|\.[^./]*$', '', 'g')) > 0)
ORDER BY c.cognitive_complexity DESC NULLS LAST, c.path
LIMIT :limit
