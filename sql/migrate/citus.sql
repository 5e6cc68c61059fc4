-- On Citus the large tables are spread by codebase_id; the others are small and stay where the triggers are.
DO $$
DECLARE
    wanted text;
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
        FOREACH wanted IN ARRAY ARRAY['code_files', 'codebase_metadata', 'sync_audit'] LOOP
            IF to_regclass(wanted) IS NOT NULL AND NOT EXISTS (
                SELECT FROM pg_dist_partition WHERE logicalrelid = to_regclass(wanted)) THEN
                PERFORM create_distributed_table(wanted, 'codebase_id');
            END IF;
        END LOOP;
    END IF;
END
$$;
