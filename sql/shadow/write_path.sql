-- The temporary table stands in for the live one.
SELECT set_config('search_path', 'pg_temp, ' || quote_ident(current_setting('srctab.schema')), false)
