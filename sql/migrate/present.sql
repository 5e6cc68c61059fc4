-- Is there a schema of ours, and is it one that this role may not look into? The latter is not the same as none.
SELECT to_regclass('schema_migrations') IS NOT NULL,
    EXISTS (SELECT FROM pg_namespace
             WHERE nspname = current_setting('srctab.schema', true)
               AND NOT has_schema_privilege(oid, 'USAGE'))
