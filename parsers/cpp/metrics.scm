; Measures of C++: decisions, cognitive complexity, nesting, exits, statements, comments, Halstead tokens, NPath, ABC, recursion, LCOM4.
(if_statement "if" @decision)
(for_statement "for" @decision)
(for_range_loop "for" @decision)
(while_statement "while" @decision)
(do_statement "while" @decision)
(case_statement "case" @decision)
(catch_clause "catch" @decision)
(conditional_expression "?" @decision)
(binary_expression operator: ["&&" "||" "and" "or"] @decision)
(if_statement condition: (_) @header)
(for_statement initializer: (_) @header)
(for_statement condition: (_) @header)
(for_statement update: (_) @header)
(for_range_loop right: (_) @header)
(while_statement condition: (_) @header)
(do_statement condition: (_) @header)
(switch_statement condition: (_) @header)
(conditional_expression condition: (_) @header)
[
  (if_statement) (for_statement) (for_range_loop) (while_statement) (do_statement) (switch_statement)
  (conditional_expression) (catch_clause)] @nest
(else_clause "else" @else)
(else_clause (if_statement) @elseif)
(goto_statement) @jump
(binary_expression operator: ["&&" "||" "and" "or"] @logical.op) @logical
(parenthesized_expression) @paren
[(if_statement) (for_statement) (for_range_loop) (while_statement) (do_statement) (switch_statement) (try_statement)] @depth
(return_statement) @exit
(comment) @comment
[
  (expression_statement) (return_statement) (break_statement) (continue_statement) (goto_statement) (if_statement)
  (for_statement) (for_range_loop) (while_statement) (do_statement) (switch_statement) (declaration) (try_statement)
  (throw_statement)] @statement
[
  "." "(" "," "*" ":" ";" "return" "break" "continue" "if" "else" "switch" "case" "default" "for" "while" "goto" "do"
  "delete" "new" "try" "catch" "throw" "=" "&&" "||" "-" "--" "->" "+" "++" "/" "%" "|" "&" "<<" ">>" "~" "<" "<=" "=="
  "!=" ">=" ">" "+=" "!" "*=" "/=" "%=" ">>=" "<<=" "&=" "^" "^=" "|=" "[" "{" "?" "::" "sizeof"] @h.operator
(primitive_type) @h.operator
[
  (identifier) (type_identifier) (field_identifier) (raw_string_literal) (string_literal) (number_literal) (true)
  (false) (null) "..."] @h.operand
(namespace_definition (namespace_identifier) @h.operand)
(for_statement initializer: (declaration) @not_statement)
; npath
(if_statement) @npath.if
[(for_statement) (for_range_loop) (while_statement) (do_statement)] @npath.loop
(switch_statement) @npath.switch
(case_statement ["case" "default"] @npath.case)
(conditional_expression) @npath.ternary
(try_statement) @npath.try
(catch_clause) @npath.catch
; abc: assignments; calls, new; comparisons, else, case, ?:, catch, !
[(assignment_expression) (update_expression) (init_declarator)] @abc.assignment
[(call_expression) (new_expression)] @abc.branch
(binary_expression operator: ["==" "!=" "<" ">" "<=" ">="] @abc.condition)
(else_clause "else" @abc.condition)
(case_statement "case" @abc.condition)
(conditional_expression "?" @abc.condition)
(catch_clause "catch" @abc.condition)
(unary_expression operator: ["!" "not"] @abc.condition)
; recursion, LCOM4
(call_expression function: (identifier) @call)
(call_expression function: (field_expression argument: (this) field: (field_identifier) @call))
(field_expression argument: (this) field: (field_identifier) @member)
(identifier) @member.bare
