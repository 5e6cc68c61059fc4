-- part: files
CREATE OR REPLACE VIEW imports AS
SELECT f.codebase_id, f.path, x.module, x.names, x.alias, x.line, x.kind, f.language
FROM code_files AS f
CROSS JOIN LATERAL jsonb_to_recordset(f.imports) AS x(
    module text, names text[], alias text, line integer, kind text);
COMMENT ON VIEW imports IS 'One row an import, as the source writes it.';
