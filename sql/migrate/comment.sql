-- Parameters: column, comment. COMMENT takes no parameters, so the server quotes both.
SELECT format('COMMENT ON COLUMN codebase_metadata.%I IS %L', $1::text, $2::text)
