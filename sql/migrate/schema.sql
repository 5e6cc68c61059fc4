-- Make the schema named by the session (session/setup.sql), unless it is there: CREATE SCHEMA IF NOT EXISTS asks for a right even then.
DO $$
BEGIN
    IF to_regnamespace(quote_ident(current_setting('srctab.schema'))) IS NULL THEN
        EXECUTE format('CREATE SCHEMA %I', current_setting('srctab.schema'));
    END IF;
END
$$;
