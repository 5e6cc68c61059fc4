-- One row a file for the report, worst first. Parameter: codebase_id or NULL.
SELECT json_build_array(m.path, m.language, m.lines_total, m.lines_code, m.cognitive_complexity,
    m.cyclomatic_complexity_max, m.function_count, round(coalesce(h.hotspot_score, 0)::numeric, 1))::text
FROM codebase_metadata AS m
LEFT JOIN hotspots AS h ON h.codebase_id = m.codebase_id AND h.path = m.path
WHERE $1::text IS NULL OR m.codebase_id = $1::text
ORDER BY h.hotspot_score DESC NULLS LAST, m.path
