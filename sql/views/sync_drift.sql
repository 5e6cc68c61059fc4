-- part: files metadata
CREATE OR REPLACE VIEW sync_drift AS
SELECT codebase_id, path,
    CASE WHEN f.content_hash IS NULL THEN 'missing_in_code_files'
         WHEN m.content_hash IS NULL THEN 'missing_in_metadata'
         ELSE 'hash_differs' END AS problem,
    f.synced_at AS code_files_synced_at,
    m.synced_at AS metadata_synced_at
FROM code_files AS f
FULL JOIN codebase_metadata AS m USING (codebase_id, path)
WHERE f.content_hash IS DISTINCT FROM m.content_hash;
COMMENT ON VIEW sync_drift IS 'Files whose two rows do not speak of the same bytes; empty when both tables are in step.';
