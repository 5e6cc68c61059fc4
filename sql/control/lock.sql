-- Parameter: key. The owner of a codebase holds it as long as its session lives.
SELECT pg_try_advisory_lock($1)
