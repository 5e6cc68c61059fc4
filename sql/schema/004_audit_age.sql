-- part: main
-- min_binary: 1
-- Retention looks for old rows of every codebase: rows lie in the order of their time, so a block range index is enough.
CREATE INDEX sync_audit_age ON sync_audit USING brin (attempted_at);
