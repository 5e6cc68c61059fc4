-- part: files metadata
CREATE OR REPLACE VIEW codebase AS
SELECT codebase_id, path,
    coalesce(f.language, m.language) AS language,
    coalesce(f.path_raw, m.path_raw) AS path_raw, f.content, f.content_state,
    coalesce(f.size_bytes, m.size_bytes) AS size_bytes,
    f.line_count, f.content_hash, f.file_mtime, f.parse_status, f.ast, f.functions, f.classes,
    f.imports, f.exports, f.symbols, f.metadata, f.parser_rev, f.first_seen,
    f.stat_signature, f.synced_at AS code_files_synced_at,
    m.content_hash AS metadata_content_hash, m.metrics_version, m.synced_at AS metadata_synced_at,
    m.lines_total, m.lines_code, m.lines_comment, m.lines_blank, m.lines_with_comment,
    m.logical_lines, m.comment_ratio, m.line_length_max, m.line_length_mean,
    m.cyclomatic_complexity, m.cyclomatic_complexity_max, m.cyclomatic_complexity_mean,
    m.cyclomatic_density, m.cognitive_complexity, m.cognitive_complexity_max,
    m.cognitive_complexity_mean, m.nesting_depth_max, m.nesting_depth_mean, m.npath_max,
    m.function_count, m.lambda_count, m.method_count, m.class_count, m.struct_count,
    m.enum_count, m.trait_count, m.interface_count, m.module_count, m.impl_count,
    m.type_alias_count, m.constant_count, m.macro_count, m.test_function_count,
    m.function_length_max, m.function_length_mean, m.function_length_p90, m.parameter_count_max,
    m.parameter_count_mean, m.exit_count, m.exit_count_max, m.recursive_function_count,
    m.halstead_distinct_operators, m.halstead_distinct_operands, m.halstead_total_operators,
    m.halstead_total_operands, m.halstead_vocabulary, m.halstead_length,
    m.halstead_calculated_length, m.halstead_volume, m.halstead_difficulty, m.halstead_level,
    m.halstead_effort, m.halstead_time_seconds, m.halstead_bugs, m.maintainability_index,
    m.maintainability_index_min, m.maintainability_index_sei, m.abc_assignments, m.abc_branches,
    m.abc_conditions, m.abc_magnitude, m.wmc_max, m.lcom4_max, m.public_symbol_count,
    m.export_count, m.documentation_coverage, m.documented_symbol_count,
    m.technical_debt_minutes, m.technical_debt_ratio, m.code_smell_count, m.todo_count,
    m.vulnerability_count, m.security_hotspot_count, m.secret_count, m.security_score,
    m.import_count, m.parse_error_count,
    m.maintainability_rating, m.security_rating, m.dependencies, m.embedding, m.embedding_model
FROM code_files AS f
FULL JOIN codebase_metadata AS m USING (codebase_id, path);
COMMENT ON VIEW codebase IS 'Both tables side by side, a row a file; the side that is missing is NULL.';
