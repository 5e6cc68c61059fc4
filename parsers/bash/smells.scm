; Code smells of shell scripts, with the minutes that their repair takes; strings that should not be repeated.
(string) @string
(raw_string) @string
