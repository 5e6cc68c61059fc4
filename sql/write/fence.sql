-- The shared half of the fence: held by the session, as long as it lives.
SELECT pg_try_advisory_lock_shared($1)
