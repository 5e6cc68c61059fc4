-- part: files
CREATE OR REPLACE VIEW classes AS
SELECT f.codebase_id, f.path, x.name, x.kind, x.line, x.end_line, x.exported, x.doc, x.methods,
    f.language
FROM code_files AS f
CROSS JOIN LATERAL jsonb_to_recordset(f.classes) AS x(
    name text, kind text, line integer, end_line integer, exported boolean, doc text, methods integer);
COMMENT ON VIEW classes IS 'One row a class, struct, enum, trait, interface, module, implementation or protocol.';
