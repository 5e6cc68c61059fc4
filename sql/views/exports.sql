-- part: files
CREATE OR REPLACE VIEW exports AS
SELECT f.codebase_id, f.path, x.name, x.kind, x.line, f.language
FROM code_files AS f
CROSS JOIN LATERAL jsonb_to_recordset(f.exports) AS x(name text, kind text, line integer);
COMMENT ON VIEW exports IS 'One row an export.';
