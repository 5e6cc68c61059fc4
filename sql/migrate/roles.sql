-- Roles without login, to be granted to the daemon's and the readers' own. Where roles may not be made, the owner does everything.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['srctab_writer', 'srctab_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
    END LOOP;
END
$$;

DO $$
DECLARE
    home   text := quote_ident(current_setting('srctab.schema'));
    item   record;
    reader boolean := EXISTS (SELECT FROM pg_roles WHERE rolname = 'srctab_reader');
    writer boolean := EXISTS (SELECT FROM pg_roles WHERE rolname = 'srctab_writer');
BEGIN
    FOR item IN
        SELECT p.oid::regprocedure AS signature, p.proname
          FROM pg_proc AS p
         WHERE p.pronamespace = to_regnamespace(home) AND p.prosecdef
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', item.signature);
        IF writer THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO srctab_writer', item.signature);
        END IF;
        IF reader AND item.proname = 'enqueue_file' THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO srctab_reader', item.signature);
        END IF;
    END LOOP;
    IF reader THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %s TO srctab_reader', home);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %s TO srctab_reader', home);
    END IF;
    IF writer THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %s TO srctab_writer', home);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %s TO srctab_writer', home);
        FOR item IN
            SELECT c.relname,
                   CASE c.relname WHEN 'sync_audit' THEN 'INSERT'
                                  WHEN 'codebases' THEN 'INSERT, UPDATE'
                                  ELSE 'INSERT, UPDATE, DELETE' END AS rights
              FROM pg_class AS c
             WHERE c.relnamespace = to_regnamespace(home)
               AND c.relname IN ('code_files', 'codebase_metadata', 'sync_audit', 'ingestion_queue',
                                 'codebases', 'statistics')
        LOOP
            EXECUTE format('GRANT %s ON %s.%I TO srctab_writer', item.rights, home, item.relname);
        END LOOP;
    END IF;
END
$$;
