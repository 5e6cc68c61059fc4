-- part: files
CREATE OR REPLACE VIEW ast_nodes AS
SELECT f.codebase_id, f.path, n.index, n.kind, n.start_byte, n.end_byte, n.parent_index, n.depth
FROM code_files AS f
CROSS JOIN LATERAL ast_expand(f.ast) AS n;
COMMENT ON VIEW ast_nodes IS 'One row a named node of the syntax tree, in pre-order; bytes are offsets into the text.';
