-- part: metadata
CREATE OR REPLACE VIEW hotspots AS
SELECT m.codebase_id, m.path, m.language, m.lines_code, m.cognitive_complexity,
    100 * percent_rank() OVER (PARTITION BY m.codebase_id
        ORDER BY m.cognitive_complexity * ln(greatest(m.lines_code, 1))) AS hotspot_score
FROM codebase_metadata AS m
WHERE m.cognitive_complexity IS NOT NULL AND m.lines_code > 0;
COMMENT ON VIEW hotspots IS 'Where complexity and size meet: 100 is the worst file of the codebase, 0 the best.';
