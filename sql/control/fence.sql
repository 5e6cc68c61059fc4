-- Parameter: key. Waits until no session holds the shared half: then every older writer is gone.
SELECT pg_advisory_lock($1)
