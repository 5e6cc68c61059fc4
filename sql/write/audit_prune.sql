-- Parameter: days.
SELECT prune_audit(make_interval(days => $1), 10000)
