-- part: metadata
-- min_binary: 1
-- The rich table: a column a metric. The comments of the metric columns come from the program's own table of metrics.

CREATE TABLE codebase_metadata (
    codebase_id     text COLLATE "C" NOT NULL,
    path            text COLLATE "C" NOT NULL CHECK (octet_length(path) BETWEEN 1 AND 2600),
    path_raw        bytea,
    language        text NOT NULL,
    content_hash    bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    metrics_version integer NOT NULL,
    lines_total                 integer,
    lines_code                  integer,
    lines_comment               integer,
    lines_blank                 integer,
    lines_with_comment          integer,
    logical_lines               integer,
    comment_ratio               double precision,
    line_length_max             integer,
    line_length_mean            double precision,
    size_bytes                  bigint,
    cyclomatic_complexity       integer,
    cyclomatic_complexity_max   integer,
    cyclomatic_complexity_mean  double precision,
    cyclomatic_density          double precision,
    cognitive_complexity        integer,
    cognitive_complexity_max    integer,
    cognitive_complexity_mean   double precision,
    nesting_depth_max           integer,
    nesting_depth_mean          double precision,
    npath_max                   bigint,
    function_count              integer,
    lambda_count                integer,
    method_count                integer,
    class_count                 integer,
    struct_count                integer,
    enum_count                  integer,
    trait_count                 integer,
    interface_count             integer,
    module_count                integer,
    impl_count                  integer,
    type_alias_count            integer,
    constant_count              integer,
    macro_count                 integer,
    test_function_count         integer,
    function_length_max         integer,
    function_length_mean        double precision,
    function_length_p90         double precision,
    parameter_count_max         integer,
    parameter_count_mean        double precision,
    exit_count                  integer,
    exit_count_max              integer,
    recursive_function_count    integer,
    halstead_distinct_operators integer,
    halstead_distinct_operands  integer,
    halstead_total_operators    integer,
    halstead_total_operands     integer,
    halstead_vocabulary         integer,
    halstead_length             integer,
    halstead_calculated_length  double precision,
    halstead_volume             double precision,
    halstead_difficulty         double precision,
    halstead_level              double precision,
    halstead_effort             double precision,
    halstead_time_seconds       double precision,
    halstead_bugs               double precision,
    maintainability_index       double precision,
    maintainability_index_min   double precision,
    maintainability_index_sei   double precision,
    abc_assignments             integer,
    abc_branches                integer,
    abc_conditions              integer,
    abc_magnitude               double precision,
    wmc_max                     integer,
    lcom4_max                   integer,
    public_symbol_count         integer,
    export_count                integer,
    documentation_coverage      double precision,
    documented_symbol_count     integer,
    technical_debt_minutes      integer,
    technical_debt_ratio        double precision,
    code_smell_count            integer,
    todo_count                  integer,
    vulnerability_count         integer,
    security_hotspot_count      integer,
    secret_count                integer,
    security_score              double precision,
    import_count                integer,
    parse_error_count           integer,
    maintainability_rating text GENERATED ALWAYS AS (CASE
        WHEN technical_debt_ratio <= 5 THEN 'A'
        WHEN technical_debt_ratio <= 10 THEN 'B'
        WHEN technical_debt_ratio <= 20 THEN 'C'
        WHEN technical_debt_ratio <= 50 THEN 'D'
        WHEN technical_debt_ratio > 50 THEN 'E' END) STORED,
    security_rating text CHECK (security_rating IN ('A', 'B', 'C', 'D', 'E')),
    dependencies    jsonb NOT NULL DEFAULT '[]',
    embedding       real[] CHECK (embedding IS NULL
        OR (array_ndims(embedding) = 1 AND cardinality(embedding) = 1536)),
    embedding_model text,
    synced_at       timestamptz NOT NULL DEFAULT now(),
    CHECK ((embedding IS NULL) = (embedding_model IS NULL)),
    PRIMARY KEY (codebase_id, path)
);
ALTER TABLE codebase_metadata ALTER embedding SET STORAGE EXTERNAL;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_settings
                WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
        ALTER TABLE codebase_metadata ALTER dependencies SET COMPRESSION lz4;
    END IF;
END
$$;

COMMENT ON TABLE codebase_metadata IS 'One row a file: its metrics. NULL: not measured, or without meaning for the language.';
COMMENT ON COLUMN codebase_metadata.codebase_id IS 'Which source tree; see codebases.';
COMMENT ON COLUMN codebase_metadata.path IS 'Relative to the root, with /; bytes that are not UTF-8 as \xHH.';
COMMENT ON COLUMN codebase_metadata.path_raw IS 'The name''s bytes, only where they are not UTF-8.';
COMMENT ON COLUMN codebase_metadata.content_hash IS 'SHA-256 of the bytes on disk that were measured.';
COMMENT ON COLUMN codebase_metadata.metrics_version IS 'Changes when a definition does: values of different versions do not compare.';
COMMENT ON COLUMN codebase_metadata.maintainability_rating IS 'A to E from technical_debt_ratio: up to 5, 10, 20, 50, above. Source: SQALE, SonarQube.';
COMMENT ON COLUMN codebase_metadata.security_rating IS 'A to E by the worst finding: none, low, medium, high, critical. Source: SonarQube.';
COMMENT ON COLUMN codebase_metadata.dependencies IS 'Array of {specifier, kind, line, fate, path, package}.';
COMMENT ON COLUMN codebase_metadata.embedding IS 'Vector of length 1 of the file''s text; NULL: not embedded.';
COMMENT ON COLUMN codebase_metadata.synced_at IS 'When the row was last written.';
