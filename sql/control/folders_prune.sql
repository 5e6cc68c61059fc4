-- Parameters: host, paths to keep, schema. Removes what a file or a command line once asked for, but not where another daemon
-- owns the codebase or stands by for it: it is its row. The keys are those of lock_key.h.
DELETE FROM watch_folders AS w
WHERE w.host = $1
    AND w.source IN ('file', 'cli')
    AND w.path <> ALL ($2::text[])
    AND NOT EXISTS (
        SELECT
        FROM pg_locks AS l,
            unnest(ARRAY['control', 'presence']) AS purpose,
            LATERAL (SELECT ('x' || encode(substr(sha256(convert_to(
                'srctab ' || purpose || ' ' || $3::text || ' ' || w.codebase_id, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint AS id) AS k
        WHERE l.locktype = 'advisory'
            AND l.pid <> pg_backend_pid()
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND l.objsubid = 1
            AND l.granted
            AND l.classid::bigint = (k.id >> 32) & 4294967295
            AND l.objid::bigint = k.id & 4294967295)
