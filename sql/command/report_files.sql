-- One row a file for the report, worst first. Parameter: codebase_id or NULL.
SELECT json_build_array(path, language, lines_total, lines_code, cognitive_complexity, cyclomatic_complexity_max,
    function_count, round(coalesce(h.hotspot_score, 0)::numeric, 1))::text
FROM codebase_metadata AS m
LEFT JOIN hotspots AS h USING (codebase_id, path)
WHERE $1::text IS NULL OR m.codebase_id = $1::text
ORDER BY h.hotspot_score DESC NULLS LAST, path
