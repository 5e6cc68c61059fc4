-- summary: files with vulnerabilities, hotspots or secrets
SELECT path, language, vulnerability_count AS vulnerabilities, security_hotspot_count AS hotspots,
    secret_count AS secrets, round(security_score::numeric, 1) AS score
FROM codebase_metadata
WHERE :'codebase' IN ('', codebase_id)
    AND coalesce(vulnerability_count, 0) + coalesce(security_hotspot_count, 0) + coalesce(secret_count, 0) > 0
ORDER BY secret_count DESC NULLS LAST, vulnerability_count DESC NULLS LAST, path
LIMIT :limit
