-- summary: files, lines and bytes of each language
SELECT language, count(*) AS files, sum(lines_code) AS code, sum(lines_comment) AS comment, sum(lines_blank) AS blank,
    sum(size_bytes) AS bytes,
    round(100.0 * sum(lines_code) / nullif(sum(sum(lines_code)) OVER (), 0), 1) AS percent
FROM codebase
WHERE :'codebase' IN ('', codebase_id)
GROUP BY language
ORDER BY sum(lines_code) DESC NULLS LAST, language
LIMIT :limit
