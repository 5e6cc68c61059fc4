-- part: files
CREATE OR REPLACE VIEW functions AS
SELECT f.codebase_id, f.path, x.name, x.qualified_name, x.kind, x.line, x.end_line, x.exported, x.doc,
    x.recursive, x.parameter_count, x.cyclomatic_complexity, x.cognitive_complexity,
    x.nesting_depth_max, x.lines_code, x.exit_count, x.halstead_volume, x.halstead_difficulty,
    x.halstead_effort, x.maintainability_index, f.language
FROM code_files AS f
CROSS JOIN LATERAL jsonb_to_recordset(f.functions) AS x(
    name text, qualified_name text, kind text, line integer, end_line integer, exported boolean,
    doc text, recursive boolean, parameter_count integer, cyclomatic_complexity integer,
    cognitive_complexity integer, nesting_depth_max integer, lines_code integer,
    exit_count integer, halstead_volume double precision, halstead_difficulty double precision,
    halstead_effort double precision, maintainability_index double precision);
COMMENT ON VIEW functions IS 'One row a function or method, with its own metrics.';
