-- Parameters: codebase_id, paths (NULL: all), hash only. Left out: synced_at, the embedding and what other passes fill.
-- Rows are compared as documents, so that a new metric column is compared from its first day.
WITH live AS (
    SELECT path, content_hash, metrics_version,
        to_jsonb(m) - '{codebase_id,synced_at,embedding,embedding_model}'::text[] AS document
    FROM codebase_metadata AS m
    WHERE codebase_id = $1 AND ($2::text[] IS NULL OR path = ANY ($2))
), fresh AS (
    SELECT path, content_hash, metrics_version,
        to_jsonb(m) - '{codebase_id,synced_at,embedding,embedding_model}'::text[] AS document
    FROM pg_temp.codebase_metadata AS m
    WHERE codebase_id = $1 AND ($2 IS NULL OR path = ANY ($2))
)
SELECT path,
    CASE WHEN live.content_hash IS NULL THEN 'missing'
         WHEN fresh.content_hash IS NULL THEN 'extra'
         ELSE 'differs' END AS problem,
    CASE WHEN live.content_hash IS NULL OR fresh.content_hash IS NULL THEN ''
         ELSE (SELECT coalesce(string_agg(key, ',' ORDER BY key), '')
                 FROM jsonb_each(live.document) AS l
                 FULL JOIN jsonb_each(fresh.document) AS f USING (key)
                WHERE l.value IS DISTINCT FROM f.value) END AS columns
FROM live FULL JOIN fresh USING (path)
WHERE live.content_hash IS DISTINCT FROM fresh.content_hash
    OR live.metrics_version IS DISTINCT FROM fresh.metrics_version
    OR (NOT $3::boolean AND live.document IS DISTINCT FROM fresh.document)
ORDER BY path
