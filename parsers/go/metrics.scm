; Measures of Go: decisions, cognitive complexity, nesting, exits, statements, comments, Halstead tokens, NPath, ABC, recursion, LCOM4.
(if_statement "if" @decision)
(for_statement "for" @decision)
(expression_case "case" @decision)
(type_case "case" @decision)
(communication_case "case" @decision)
(binary_expression operator: ["&&" "||"] @decision)
(if_statement condition: (_) @header)
(if_statement initializer: (_) @header)
(for_statement [(for_clause) (binary_expression) (unary_expression) (parenthesized_expression) (call_expression)] @header)
(for_statement (range_clause) @header)
(expression_switch_statement value: (_) @header)
(expression_switch_statement initializer: (_) @header)
(type_switch_statement value: (_) @header)
[(if_statement) (for_statement) (expression_switch_statement) (type_switch_statement) (select_statement)] @nest
(if_statement "else" @else)
(if_statement alternative: (if_statement) @elseif)
(goto_statement) @jump
(break_statement (label_name)) @jump
(continue_statement (label_name)) @jump
(binary_expression operator: ["&&" "||"] @logical.op) @logical
(parenthesized_expression) @paren
[(if_statement) (for_statement) (expression_switch_statement) (type_switch_statement) (select_statement)] @depth
(return_statement) @exit
(comment) @comment
[
  (expression_statement) (return_statement) (if_statement) (for_statement) (assignment_statement)
  (short_var_declaration) (inc_statement) (dec_statement) (go_statement) (defer_statement) (break_statement)
  (continue_statement) (goto_statement) (fallthrough_statement) (send_statement) (var_declaration) (const_declaration)
  (type_declaration) (expression_switch_statement) (type_switch_statement) (select_statement)] @statement
[
  "(" "{" "[" "," "." ";" ":" ":=" "=" "+" "-" "*" "/" "%" "&" "|" "^" "<<" ">>" "&^" "+=" "-=" "*=" "/=" "%=" "&=" "|="
  "^=" "<<=" ">>=" "&^=" "&&" "||" "<-" "++" "--" "==" "<" ">" "!" "!=" "<=" ">=" "..." "~" "break" "case" "chan"
  "const" "continue" "default" "defer" "else" "fallthrough" "for" "func" "go" "goto" "if" "import" "interface" "map"
  "package" "range" "return" "select" "struct" "switch" "type" "var"] @h.operator
[
  (identifier) (field_identifier) (type_identifier) (package_identifier) (label_name) (blank_identifier) (int_literal)
  (float_literal) (imaginary_literal) (rune_literal) (interpreted_string_literal) (raw_string_literal) (true) (false)
  (nil) (iota)] @h.operand
; npath
(if_statement) @npath.if
(for_statement) @npath.loop
[(expression_switch_statement) (type_switch_statement) (select_statement)] @npath.switch
(expression_case "case" @npath.case)
(type_case "case" @npath.case)
(communication_case "case" @npath.case)
(default_case "default" @npath.case)
; abc: assignments; calls; comparisons, else, case, !
[
  (assignment_statement) (short_var_declaration) (inc_statement) (dec_statement) (var_spec value: (_))] @abc.assignment
(call_expression) @abc.branch
(binary_expression operator: ["==" "!=" "<" ">" "<=" ">="] @abc.condition)
(if_statement "else" @abc.condition)
(expression_case "case" @abc.condition)
(type_case "case" @abc.condition)
(communication_case "case" @abc.condition)
(unary_expression operator: "!" @abc.condition)
; recursion, LCOM4
(call_expression function: (identifier) @call)
(selector_expression field: (field_identifier) @member.bare)
