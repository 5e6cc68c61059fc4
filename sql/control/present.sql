-- Parameter: key. The shared half, held by everyone who wants the codebase; nobody takes the exclusive one.
SELECT pg_advisory_lock_shared($1)
