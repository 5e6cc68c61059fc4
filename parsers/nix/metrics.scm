; Measures of Nix: decisions, cognitive complexity, nesting, exits, statements, comments, Halstead tokens.
(if_expression "if" @decision)
(binary_expression operator: ["&&" "||" "->"] @decision)
(select_expression "or" @decision)
(assert_expression "assert" @decision)
(if_expression condition: (_) @header) @nest
(if_expression "else" @else)
(if_expression alternative: (if_expression) @elseif)
(binary_expression operator: ["&&" "||" "->"] @logical.op) @logical
(parenthesized_expression) @paren
[(if_expression)] @depth
(comment) @comment
[
  "(" "{" "[" "," "." ";" ":" "=" "@" "+" "-" "*" "/" "++" "//" "==" "!=" "<" ">" "<=" ">=" "&&" "||" "->" "!" "?" "${"
  "if" "then" "else" "let" "in" "with" "rec" "inherit" "assert" "or"] @h.operator
(ellipses) @h.operator
[
  (identifier) (integer_expression) (float_expression) (string_expression) (indented_string_expression)
  (path_expression) (hpath_expression) (spath_expression) (uri_expression)] @h.operand
