-- summary: files where complexity and size meet, worst first
SELECT path, language, lines_code, cognitive_complexity, round(hotspot_score::numeric, 1) AS hotspot_score
FROM hotspots
WHERE :'codebase' IN ('', codebase_id)
ORDER BY hotspot_score DESC, path
LIMIT :limit
