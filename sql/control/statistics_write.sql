-- Parameters: codebase_id, daemon_id, words, values. Numbers that did not change are not written.
INSERT INTO statistics (codebase_id, counter, value, daemon_id, updated_at)
SELECT $1::text, word, number, $2::text, now()
FROM unnest($3::text[], $4::text[]::bigint[]) AS given (word, number)
ON CONFLICT (codebase_id, counter) DO UPDATE SET
    value = excluded.value,
    daemon_id = excluded.daemon_id,
    updated_at = excluded.updated_at
WHERE (statistics.value, statistics.daemon_id) IS DISTINCT FROM (excluded.value, excluded.daemon_id)
