-- part: files
CREATE OR REPLACE VIEW symbols AS
SELECT f.codebase_id, f.path, x.name, x.kind, x.line, x."column", x.scope, f.language
FROM code_files AS f
CROSS JOIN LATERAL jsonb_to_recordset(f.symbols) AS x(
    name text, kind text, line integer, "column" integer, scope text);
COMMENT ON VIEW symbols IS 'One row a definition.';
