; Code smells of Nix, with the minutes that their repair takes; strings that should not be repeated.
(string_expression) @string
