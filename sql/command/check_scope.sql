-- What a rule may ask by current_setting('srctab.codebase_id'). Parameter: codebase_id, '' = none.
SELECT set_config('srctab.codebase_id', $1::text, true)
