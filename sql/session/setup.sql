-- Parameters: schema ('' = as the server has it), statement_timeout, lock_timeout, synchronous_commit. pg_temp comes last, so that no temporary
-- table can stand in for one of ours.
SELECT CASE WHEN $1::text <> '' THEN set_config('search_path', quote_ident($1) || ', pg_temp', false) END,
    CASE WHEN $1 <> '' THEN set_config('srctab.schema', $1, false) END,
    set_config('statement_timeout', $2::text, false),
    set_config('lock_timeout', $3::text, false),
    set_config('synchronous_commit', $4::text, false),
    set_config('idle_in_transaction_session_timeout', '60s', false),
    current_setting('server_encoding'),
    current_setting('transaction_read_only')
