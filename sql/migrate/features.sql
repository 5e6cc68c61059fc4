SELECT EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)),
    EXISTS (SELECT FROM pg_extension WHERE extname = 'vector'),
    EXISTS (SELECT FROM pg_extension WHERE extname = 'citus'),
    NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'srctab_writer')
        OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'srctab_reader')
