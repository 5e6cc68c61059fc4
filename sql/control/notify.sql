-- Parameter: the payload, below 8,000 bytes.
SELECT pg_notify('srctab_changes', $1)
