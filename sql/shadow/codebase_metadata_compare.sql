-- Parameters: codebase_id, paths (NULL: all), hash only. Left out: synced_at, the embedding and what other passes fill.
-- Only rows that differ become documents, whose keys then name the columns: documents of all rows took twenty times as long.
WITH live AS NOT MATERIALIZED (
    SELECT * FROM codebase_metadata WHERE codebase_id = $1 AND ($2::text[] IS NULL OR path = ANY ($2))
), fresh AS NOT MATERIALIZED (
    SELECT * FROM pg_temp.codebase_metadata WHERE codebase_id = $1 AND ($2 IS NULL OR path = ANY ($2))
)
SELECT path,
    CASE WHEN live.content_hash IS NULL THEN 'missing'
         WHEN fresh.content_hash IS NULL THEN 'extra'
         ELSE 'differs' END AS problem,
    CASE WHEN live.content_hash IS NULL OR fresh.content_hash IS NULL THEN ''
         ELSE (SELECT coalesce(string_agg(key, ',' ORDER BY key), '')
                 FROM jsonb_each(to_jsonb(live)) AS l
                 FULL JOIN jsonb_each(to_jsonb(fresh)) AS f USING (key)
                WHERE l.value IS DISTINCT FROM f.value
                  AND key NOT IN ('synced_at', 'embedding', 'embedding_model')) END AS columns
FROM live FULL JOIN fresh USING (codebase_id, path)
WHERE live.content_hash IS DISTINCT FROM fresh.content_hash
    OR live.metrics_version IS DISTINCT FROM fresh.metrics_version
    OR (NOT $3::boolean AND (
    live.path_raw, live.language, live.content_hash, live.metrics_version, live.lines_total,
    live.lines_code, live.lines_comment, live.lines_blank, live.lines_with_comment,
    live.logical_lines, live.comment_ratio, live.line_length_max, live.line_length_mean,
    live.size_bytes, live.cyclomatic_complexity, live.cyclomatic_complexity_max,
    live.cyclomatic_complexity_mean, live.cyclomatic_density, live.cognitive_complexity,
    live.cognitive_complexity_max, live.cognitive_complexity_mean, live.nesting_depth_max,
    live.nesting_depth_mean, live.npath_max, live.function_count, live.lambda_count,
    live.method_count, live.class_count, live.struct_count, live.enum_count, live.trait_count,
    live.interface_count, live.module_count, live.impl_count, live.type_alias_count,
    live.constant_count, live.macro_count, live.test_function_count, live.function_length_max,
    live.function_length_mean, live.function_length_p90, live.parameter_count_max,
    live.parameter_count_mean, live.exit_count, live.exit_count_max,
    live.recursive_function_count, live.halstead_distinct_operators,
    live.halstead_distinct_operands, live.halstead_total_operators, live.halstead_total_operands,
    live.halstead_vocabulary, live.halstead_length, live.halstead_calculated_length,
    live.halstead_volume, live.halstead_difficulty, live.halstead_level, live.halstead_effort,
    live.halstead_time_seconds, live.halstead_bugs, live.maintainability_index,
    live.maintainability_index_min, live.maintainability_index_sei, live.abc_assignments,
    live.abc_branches, live.abc_conditions, live.abc_magnitude, live.wmc_max, live.lcom4_max,
    live.public_symbol_count, live.export_count, live.documentation_coverage,
    live.documented_symbol_count, live.technical_debt_minutes, live.technical_debt_ratio,
    live.code_smell_count, live.todo_count, live.vulnerability_count,
    live.security_hotspot_count, live.secret_count, live.security_score, live.import_count,
    live.parse_error_count, live.maintainability_rating, live.security_rating, live.dependencies)
    IS DISTINCT FROM (
    fresh.path_raw, fresh.language, fresh.content_hash, fresh.metrics_version, fresh.lines_total,
    fresh.lines_code, fresh.lines_comment, fresh.lines_blank, fresh.lines_with_comment,
    fresh.logical_lines, fresh.comment_ratio, fresh.line_length_max, fresh.line_length_mean,
    fresh.size_bytes, fresh.cyclomatic_complexity, fresh.cyclomatic_complexity_max,
    fresh.cyclomatic_complexity_mean, fresh.cyclomatic_density, fresh.cognitive_complexity,
    fresh.cognitive_complexity_max, fresh.cognitive_complexity_mean, fresh.nesting_depth_max,
    fresh.nesting_depth_mean, fresh.npath_max, fresh.function_count, fresh.lambda_count,
    fresh.method_count, fresh.class_count, fresh.struct_count, fresh.enum_count,
    fresh.trait_count, fresh.interface_count, fresh.module_count, fresh.impl_count,
    fresh.type_alias_count, fresh.constant_count, fresh.macro_count, fresh.test_function_count,
    fresh.function_length_max, fresh.function_length_mean, fresh.function_length_p90,
    fresh.parameter_count_max, fresh.parameter_count_mean, fresh.exit_count,
    fresh.exit_count_max, fresh.recursive_function_count, fresh.halstead_distinct_operators,
    fresh.halstead_distinct_operands, fresh.halstead_total_operators,
    fresh.halstead_total_operands, fresh.halstead_vocabulary, fresh.halstead_length,
    fresh.halstead_calculated_length, fresh.halstead_volume, fresh.halstead_difficulty,
    fresh.halstead_level, fresh.halstead_effort, fresh.halstead_time_seconds,
    fresh.halstead_bugs, fresh.maintainability_index, fresh.maintainability_index_min,
    fresh.maintainability_index_sei, fresh.abc_assignments, fresh.abc_branches,
    fresh.abc_conditions, fresh.abc_magnitude, fresh.wmc_max, fresh.lcom4_max,
    fresh.public_symbol_count, fresh.export_count, fresh.documentation_coverage,
    fresh.documented_symbol_count, fresh.technical_debt_minutes, fresh.technical_debt_ratio,
    fresh.code_smell_count, fresh.todo_count, fresh.vulnerability_count,
    fresh.security_hotspot_count, fresh.secret_count, fresh.security_score, fresh.import_count,
    fresh.parse_error_count, fresh.maintainability_rating, fresh.security_rating,
    fresh.dependencies))
ORDER BY path
