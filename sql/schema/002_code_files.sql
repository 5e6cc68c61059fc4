-- part: files
-- min_binary: 1
-- The basic table: what a file is and what its syntax says.

CREATE TABLE code_files (
    codebase_id    text COLLATE "C" NOT NULL,
    path           text COLLATE "C" NOT NULL CHECK (octet_length(path) BETWEEN 1 AND 2600),
    path_raw       bytea,
    language       text NOT NULL,
    content        text,
    content_state  text NOT NULL CHECK (content_state IN
        ('exact', 'nul_stripped', 'transcoded', 'lossy', 'too_big', 'binary')),
    size_bytes     bigint NOT NULL CHECK (size_bytes >= 0),
    line_count     integer NOT NULL CHECK (line_count >= 0),
    content_hash   bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    file_mtime     timestamptz,
    stat_signature bigint,
    parse_status   text NOT NULL CHECK (parse_status IN
        ('ok', 'partial', 'failed', 'timeout', 'memory', 'too_big', 'minified', 'binary', 'unsupported')),
    ast            json,
    functions      jsonb NOT NULL DEFAULT '[]',
    classes        jsonb NOT NULL DEFAULT '[]',
    imports        jsonb NOT NULL DEFAULT '[]',
    exports        jsonb NOT NULL DEFAULT '[]',
    symbols        jsonb NOT NULL DEFAULT '[]',
    metadata       jsonb NOT NULL DEFAULT '{}',
    parser_rev     integer NOT NULL,
    first_seen     timestamptz NOT NULL DEFAULT now(),
    synced_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (codebase_id, path)
);
CREATE INDEX code_files_language ON code_files (codebase_id, language);
CREATE INDEX code_files_symbols ON code_files USING gin (symbols jsonb_path_ops);
CREATE INDEX code_files_imports ON code_files USING gin (imports jsonb_path_ops);

-- lz4 halves the cost of large columns; a server built without it keeps its own compression.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_settings
                WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
        ALTER TABLE code_files
            ALTER content SET COMPRESSION lz4,
            ALTER ast SET COMPRESSION lz4,
            ALTER functions SET COMPRESSION lz4,
            ALTER classes SET COMPRESSION lz4,
            ALTER imports SET COMPRESSION lz4,
            ALTER exports SET COMPRESSION lz4,
            ALTER symbols SET COMPRESSION lz4,
            ALTER metadata SET COMPRESSION lz4;
    END IF;
END
$$;

COMMENT ON TABLE code_files IS 'One row a file: content, syntax tree, functions, classes, imports, exports, symbols.';
COMMENT ON COLUMN code_files.codebase_id IS 'Which source tree; see codebases.';
COMMENT ON COLUMN code_files.path IS 'Relative to the root, with /; bytes that are not UTF-8 as \xHH.';
COMMENT ON COLUMN code_files.path_raw IS 'The name''s bytes, only where they are not UTF-8.';
COMMENT ON COLUMN code_files.content IS 'Text of the file; NULL when binary or over the size limit.';
COMMENT ON COLUMN code_files.content_state IS 'How content relates to the bytes on disk.';
COMMENT ON COLUMN code_files.content_hash IS 'SHA-256 of the bytes on disk.';
COMMENT ON COLUMN code_files.stat_signature IS 'Hash of device, inode, size, mtime and ctime: equal means unchanged.';
COMMENT ON COLUMN code_files.parse_status IS 'ok, or why the syntax columns are incomplete.';
COMMENT ON COLUMN code_files.ast IS 'Named nodes in pre-order as columns with deltas; view ast_nodes expands it.';
COMMENT ON COLUMN code_files.functions IS 'See view functions.';
COMMENT ON COLUMN code_files.classes IS 'See view classes.';
COMMENT ON COLUMN code_files.imports IS 'See view imports.';
COMMENT ON COLUMN code_files.exports IS 'Array of {name, kind, line}.';
COMMENT ON COLUMN code_files.symbols IS 'Array of {name, kind, line, column, scope}.';
COMMENT ON COLUMN code_files.metadata IS 'Encoding, line ending, shebang, mode, git blob id.';
COMMENT ON COLUMN code_files.parser_rev IS 'Changes when grammars, queries, limits or definitions do.';
COMMENT ON COLUMN code_files.first_seen IS 'When the path first got a row.';
COMMENT ON COLUMN code_files.synced_at IS 'When the row was last written.';

-- Depth needs each parent's depth, so one pass in order; a recursive query took a join a node.
CREATE FUNCTION ast_expand(
    ast json,
    OUT index integer, OUT kind text, OUT start_byte integer, OUT end_byte integer,
    OUT parent_index integer, OUT depth integer
) RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
#variable_conflict use_variable
DECLARE
    tree   record;
    depths integer[];
    at     integer := 0;
BEGIN
    SELECT * INTO tree FROM json_to_record(ast)
        AS t(kinds text[], kind integer[], start integer[], length integer[], up integer[]);
    depths := array_fill(0, ARRAY[coalesce(cardinality(tree.kind), 0)]);
    FOR i IN 1 .. coalesce(cardinality(tree.kind), 0) LOOP
        at := at + tree.start[i];
        index := i - 1;
        kind := tree.kinds[tree.kind[i] + 1];
        start_byte := at;
        end_byte := at + tree.length[i];
        IF tree.up[i] = 0 THEN
            parent_index := NULL;
            depth := 0;
        ELSE
            parent_index := index - tree.up[i];
            depth := depths[i - tree.up[i]] + 1;
        END IF;
        depths[i] := depth;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION ast_expand(json) IS 'The nodes of a code_files.ast document, one row each, in pre-order.';
