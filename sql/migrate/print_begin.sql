BEGIN;
SELECT set_config('srctab.schema', :'schema', false),
    set_config('search_path', quote_ident(:'schema') || ', pg_temp', false)
