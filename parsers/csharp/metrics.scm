; Measures of C#: decisions, cognitive complexity, nesting, exits, statements, comments, Halstead tokens, NPath, ABC, recursion, LCOM4.
(if_statement "if" @decision)
(for_statement "for" @decision)
(foreach_statement "foreach" @decision)
(while_statement "while" @decision)
(do_statement "while" @decision)
(switch_section "case" @decision)
(switch_expression_arm . (_) @_p (#not-match? @_p "^(var +)?_$")) @decision
(catch_clause "catch" @decision)
(when_clause "when" @decision)
(conditional_expression "?" @decision)
(binary_expression operator: ["&&" "||" "??"] @decision)
(and_pattern operator: _ @decision)
(or_pattern operator: _ @decision)
(assignment_expression operator: _ @_o (#eq? @_o "??=")) @decision
(if_statement condition: (_) @header)
(for_statement initializer: (_) @header)
(for_statement condition: (_) @header)
(for_statement update: (_) @header)
(foreach_statement right: (_) @header)
(while_statement condition: (_) @header)
(do_statement condition: (_) @header)
(switch_statement value: (_) @header)
(conditional_expression condition: (_) @header)
[
  (if_statement) (for_statement) (foreach_statement) (while_statement) (do_statement) (switch_statement)
  (switch_expression) (conditional_expression) (catch_clause)] @nest
(if_statement "else" @else)
(if_statement alternative: (if_statement) @elseif)
(goto_statement) @jump
(binary_expression operator: ["&&" "||"] @logical.op) @logical
(and_pattern operator: _ @logical.op) @logical
(or_pattern operator: _ @logical.op) @logical
[(parenthesized_expression) (parenthesized_pattern)] @paren
[
  (if_statement) (for_statement) (foreach_statement) (while_statement) (do_statement) (switch_statement) (try_statement)
  (using_statement) (lock_statement)] @depth
(return_statement) @exit
(comment) @comment
[
  "(" "{" "[" "," "." ";" ":" "::" "=" "+" "-" "*" "/" "%" "&" "|" "^" "~" "!" "<<" ">>" ">>>" "==" "!=" "<" ">" "<="
  ">=" "&&" "||" "??" "?" "+=" "-=" "*=" "/=" "%=" "&=" "|=" "^=" "<<=" ">>=" "??=" "++" "--" "->" "=>" ".." "as" "is"
  "new" "typeof" "sizeof" "if" "else" "for" "foreach" "in" "while" "do" "switch" "case" "default" "break" "continue"
  "return" "goto" "throw" "try" "catch" "finally" "when" "lock" "using" "yield" "await" "class" "struct" "interface"
  "enum" "namespace" "delegate" "event" "operator" "ref" "out" "var" "get" "set" "checked" "unchecked" "fixed"
  "stackalloc" "with" "and" "or" "not"] @h.operator
(predefined_type) @h.operator
(modifier) @h.operator
[
  (identifier) (integer_literal) (real_literal) (string_literal) (verbatim_string_literal) (raw_string_literal)
  (character_literal) (boolean_literal) (null_literal) (interpolated_string_expression) "this" "base"] @h.operand
[
  (expression_statement) (local_declaration_statement) (return_statement) (if_statement) (for_statement)
  (foreach_statement) (while_statement) (do_statement) (switch_statement) (try_statement) (throw_statement)
  (using_statement) (lock_statement) (break_statement) (continue_statement) (goto_statement) (yield_statement)
  (fixed_statement) (checked_statement) (unsafe_statement) (empty_statement) (labeled_statement)] @statement
; npath
(if_statement) @npath.if
[(for_statement) (foreach_statement) (while_statement) (do_statement)] @npath.loop
[(switch_statement) (switch_expression)] @npath.switch
(switch_section ["case" "default"] @npath.case)
(switch_expression_arm) @npath.case
(conditional_expression) @npath.ternary
(try_statement) @npath.try
(catch_clause) @npath.catch
; abc: assignments; calls, new; comparisons, else, case, ?:, catch, !
(assignment_expression) @abc.assignment
(postfix_unary_expression ["++" "--"] @abc.assignment)
(prefix_unary_expression ["++" "--"] @abc.assignment)
(variable_declarator "=" @abc.assignment)
[(invocation_expression) (object_creation_expression) (implicit_object_creation_expression)] @abc.branch
(binary_expression operator: ["==" "!=" "<" ">" "<=" ">="] @abc.condition)
(if_statement "else" @abc.condition)
(switch_section "case" @abc.condition)
(switch_expression_arm) @abc.condition
(conditional_expression "?" @abc.condition)
(catch_clause "catch" @abc.condition)
(prefix_unary_expression "!" @abc.condition)
; recursion, LCOM4
(invocation_expression function: (identifier) @call)
(invocation_expression function: (member_access_expression expression: "this" name: (identifier) @call))
(member_access_expression expression: "this" name: (identifier) @member)
(identifier) @member.bare
