-- part: metadata
-- Every file counts in each directory above it. Means are weighted by what they are means of: functions, lines of code or lines.
CREATE OR REPLACE VIEW directories AS
WITH files AS (
    SELECT m.*, string_to_array(m.path, '/') AS parts FROM codebase_metadata AS m
)
SELECT f.codebase_id,
    array_to_string(f.parts[1:level], '/') COLLATE "C" AS path,
    level AS depth,
    count(*) AS files,
    count(DISTINCT f.language) AS languages,
    sum(f.size_bytes)::bigint AS size_bytes,
    sum(f.lines_total) AS lines_total,
    sum(f.lines_code) AS lines_code,
    sum(f.lines_comment) AS lines_comment,
    sum(f.lines_blank) AS lines_blank,
    100.0 * sum(f.lines_comment) / nullif(sum(f.lines_code) + sum(f.lines_comment), 0)::double precision
        AS comment_ratio,
    sum(f.function_count) AS function_count,
    sum(f.class_count) AS class_count,
    sum(f.cyclomatic_complexity) AS cyclomatic_complexity,
    max(f.cyclomatic_complexity_max) AS cyclomatic_complexity_max,
    sum(f.cyclomatic_complexity_mean * f.function_count)
        / nullif(sum(f.function_count) FILTER (WHERE f.cyclomatic_complexity_mean IS NOT NULL), 0)
        AS cyclomatic_complexity_mean,
    sum(f.cognitive_complexity) AS cognitive_complexity,
    max(f.cognitive_complexity_max) AS cognitive_complexity_max,
    sum(f.cognitive_complexity_mean * f.function_count)
        / nullif(sum(f.function_count) FILTER (WHERE f.cognitive_complexity_mean IS NOT NULL), 0)
        AS cognitive_complexity_mean,
    max(f.nesting_depth_max) AS nesting_depth_max,
    sum(f.maintainability_index * f.lines_code)
        / nullif(sum(f.lines_code) FILTER (WHERE f.maintainability_index IS NOT NULL), 0)
        AS maintainability_index,
    min(f.maintainability_index_min) AS maintainability_index_min,
    100.0 * sum(f.documented_symbol_count)
        / nullif(sum(f.public_symbol_count), 0)::double precision AS documentation_coverage,
    sum(f.technical_debt_minutes) AS technical_debt_minutes,
    100.0 * sum(f.technical_debt_minutes) / nullif(30 * sum(f.lines_code)
        FILTER (WHERE f.technical_debt_minutes IS NOT NULL), 0)::double precision
        AS technical_debt_ratio,
    sum(f.code_smell_count) AS code_smell_count,
    sum(f.todo_count) AS todo_count,
    sum(f.vulnerability_count) AS vulnerability_count,
    sum(f.secret_count) AS secret_count,
    sum(f.parse_error_count) AS parse_error_count
FROM files AS f
CROSS JOIN LATERAL generate_series(0, cardinality(f.parts) - 1) AS level
GROUP BY f.codebase_id, array_to_string(f.parts[1:level], '/') COLLATE "C", level;
COMMENT ON VIEW directories IS 'Roll-up of every directory, all levels; path is empty for the root.';
