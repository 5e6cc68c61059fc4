; Measures of shell scripts: decisions, cognitive complexity, nesting, exits, statements, comments, Halstead tokens, NPath, ABC, recursion, LCOM4.
(if_statement "if" @decision)
(elif_clause "elif" @decision)
(for_statement ["for" "select"] @decision)
(c_style_for_statement "for" @decision)
(while_statement ["while" "until"] @decision)
(case_item value: (_) @_v (#not-eq? @_v "*")) @decision
(binary_expression operator: ["&&" "||"] @decision)
(ternary_expression "?" @decision)
(if_statement condition: (_) @header)
(while_statement condition: (_) @header)
(for_statement value: (_) @header)
(case_statement value: (_) @header)
[(if_statement) (for_statement) (c_style_for_statement) (while_statement) (case_statement) (ternary_expression)] @nest
(elif_clause "elif" @else)
(else_clause "else" @else)
(list ["&&" "||"] @logical.op) @logical
(binary_expression operator: ["&&" "||"] @logical.op) @logical
(command name: (command_name (word) @_b) argument: (number) (#any-of? @_b "break" "continue")) @jump
(parenthesized_expression) @paren
[(if_statement) (for_statement) (c_style_for_statement) (while_statement) (case_statement)] @depth
(command name: (command_name (word) @_b) (#any-of? @_b "return" "exit")) @exit
(comment) @comment
[
  "(" "((" "{" "[" "[[" ";" ";;" "|" "|&" "&" "&&" "||" "!" "=" "+=" "==" "!=" "=~" "<" ">" "<=" ">=" "<<" "<<<" ">>"
  "<<-" "&>" "&>>" ">&" "<&" ">|" "$" "${" "$(" "$((" "<(" ">(" "+" "-" "*" "/" "%" "**" "++" "--" "?" ":" "if" "then"
  "else" "elif" "for" "in" "while" "until" "do" "case" "select" "function" "declare" "typeset" "export" "readonly"
  "local" "unset"] @h.operator
[
  (word) (variable_name) (special_variable_name) (string) (raw_string) (ansi_c_string) (number) (heredoc_body) (regex)
  (extglob_pattern) (file_descriptor) (test_operator)] @h.operand
[
  (command) (declaration_command) (unset_command) (test_command) (if_statement) (for_statement) (c_style_for_statement)
  (while_statement) (case_statement)] @statement
(variable_assignment) @statement
(command (variable_assignment) @not_statement)
; npath
(if_statement) @npath.if
(elif_clause "elif" @npath.elseif)
[(for_statement) (c_style_for_statement) (while_statement)] @npath.loop
(case_statement) @npath.switch
(case_item) @npath.case
(ternary_expression) @npath.ternary
; abc: assignments; commands; tests, else, case, ?:, !
(variable_assignment) @abc.assignment
(postfix_expression operator: ["++" "--"] @abc.assignment)
(unary_expression operator: ["++" "--"] @abc.assignment)
(command) @abc.branch
(binary_expression operator: ["==" "!=" "=" "=~" "<" ">" "<=" ">="] @abc.condition)
(test_operator) @abc.condition
(elif_clause "elif" @abc.condition)
(else_clause "else" @abc.condition)
(case_item) @abc.condition
(ternary_expression "?" @abc.condition)
(negated_command "!" @abc.condition)
(unary_expression operator: "!" @abc.condition)
; recursion
(command name: (command_name (word) @call))
