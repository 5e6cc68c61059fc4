-- Parameter: key. Who owns the codebase; another user's session may hide its name.
SELECT coalesce(a.application_name, ''), l.pid, coalesce(a.client_addr::text, '')
FROM pg_locks AS l
LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory'
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.objsubid = 1
    AND l.classid::bigint = ($1::bigint >> 32) & 4294967295
    AND l.objid::bigint = $1::bigint & 4294967295
    AND l.granted
LIMIT 1
