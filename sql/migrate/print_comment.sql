COMMENT ON COLUMN codebase_metadata.:"column" IS :'comment'
