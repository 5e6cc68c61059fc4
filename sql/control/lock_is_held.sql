-- Does any session of this database hold the advisory lock? $1: key (bigint), split as pg_locks shows it.
SELECT EXISTS (
    SELECT FROM pg_locks
     WHERE locktype = 'advisory' AND granted AND objsubid = 1
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND classid::bigint = ($1::bigint >> 32) & 4294967295
       AND objid::bigint = $1::bigint & 4294967295)
