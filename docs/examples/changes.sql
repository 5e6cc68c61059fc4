-- Hear of changes in psql:  srctab psql -f docs/examples/changes.sql
-- psql prints what arrived whenever it has run a statement; \watch runs one each second. Ctrl-C ends it.
LISTEN srctab_changes;
SELECT path, result, attempted_at FROM sync_audit ORDER BY attempted_at DESC LIMIT 1 \watch 1
