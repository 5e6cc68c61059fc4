; Measures of Nix: decisions, cognitive complexity, nesting, exits, statements, comments, Halstead tokens, NPath, ABC, recursion, LCOM4.
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
; npath
(if_expression) @npath.if
; abc: bindings; applications; comparisons, else, ?, !
(binding) @abc.assignment
(apply_expression function: [(variable_expression) (select_expression) (parenthesized_expression)]) @abc.branch
(binary_expression operator: ["==" "!=" "<" ">" "<=" ">="] @abc.condition)
(if_expression "else" @abc.condition)
(has_attr_expression operator: "?" @abc.condition)
(unary_expression operator: "!" @abc.condition)
; recursion
(apply_expression function: (variable_expression name: (identifier) @call))
