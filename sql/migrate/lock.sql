-- One migration at a time in a schema; held to the end of the transaction.
SELECT pg_advisory_xact_lock(hashtextextended('srctab migrate ' || current_setting('srctab.schema'), 0))
