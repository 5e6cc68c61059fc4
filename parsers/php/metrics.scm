; Measures of PHP: decisions, cognitive complexity, nesting, exits, statements, comments, Halstead tokens, NPath, ABC, recursion, LCOM4.
(if_statement "if" @decision)
(else_if_clause) @decision
(for_statement "for" @decision)
(foreach_statement "foreach" @decision)
(while_statement "while" @decision)
(do_statement "while" @decision)
(case_statement "case" @decision)
(match_conditional_expression) @decision
(catch_clause "catch" @decision)
(conditional_expression "?" @decision)
(binary_expression operator: ["&&" "||" "and" "or" "xor" "??"] @decision)
(augmented_assignment_expression operator: "??=" @decision)
(if_statement condition: (_) @header)
(else_if_clause condition: (_) @header)
(for_statement initialize: (_) @header)
(for_statement condition: (_) @header)
(for_statement update: (_) @header)
(foreach_statement . "foreach" . "(" . (_) @header)
(while_statement condition: (_) @header)
(do_statement condition: (_) @header)
(switch_statement condition: (_) @header)
(match_expression condition: (_) @header)
(conditional_expression condition: (_) @header)
[
  (if_statement) (for_statement) (foreach_statement) (while_statement) (do_statement) (switch_statement)
  (match_expression) (conditional_expression) (catch_clause)] @nest
(else_if_clause) @else
(else_clause "else" @else)
(else_clause (if_statement) @elseif)
(goto_statement) @jump
(break_statement (_)) @jump
(continue_statement (_)) @jump
(binary_expression operator: ["&&" "||" "and" "or" "xor"] @logical.op) @logical
(parenthesized_expression) @paren
[
  (if_statement) (for_statement) (foreach_statement) (while_statement) (do_statement) (switch_statement)
  (match_expression) (try_statement)] @depth
(return_statement) @exit
(comment) @comment
[
  "(" "{" "[" "," "->" "?->" ";" ":" "::" "=" "+" "-" "*" "/" "%" "**" "." "&" "|" "^" "~" "!" "<<" ">>" "==" "===" "!="
  "!==" "<>" "<=>" "<" ">" "<=" ">=" "&&" "||" "and" "or" "xor" "??" "?" "+=" "-=" "*=" "/=" "%=" "**=" ".=" "&=" "|="
  "^=" "<<=" ">>=" "??=" "++" "--" "=>" "..." "@" "instanceof" "new" "clone" "print" "echo" "if" "else" "elseif" "for"
  "foreach" "as" "while" "do" "switch" "case" "default" "match" "break" "continue" "return" "throw" "try" "catch"
  "finally" "goto" "yield" "function" "fn" "class" "interface" "trait" "enum" "extends" "implements" "namespace" "use"
  "const" "global" "static" "include" "include_once" "require" "require_once" "unset" "declare" "exit"] @h.operator
(visibility_modifier) @h.operator
[(variable_name) (name) (integer) (float) (string) (encapsed_string) (heredoc) (nowdoc) (boolean) (null)] @h.operand
[
  (expression_statement) (echo_statement) (return_statement) (if_statement) (for_statement) (foreach_statement)
  (while_statement) (do_statement) (switch_statement) (try_statement) (break_statement) (continue_statement)
  (goto_statement) (unset_statement) (global_declaration) (function_static_declaration)] @statement
; npath
(if_statement) @npath.if
(else_if_clause) @npath.elseif
[(for_statement) (foreach_statement) (while_statement) (do_statement)] @npath.loop
[(switch_statement) (match_expression)] @npath.switch
[(case_statement) (default_statement) (match_conditional_expression) (match_default_expression)] @npath.case
(conditional_expression) @npath.ternary
(try_statement) @npath.try
(catch_clause) @npath.catch
; abc: assignments; calls, new; comparisons, else, case, ?:, catch, !
[
  (assignment_expression) (augmented_assignment_expression) (reference_assignment_expression) (update_expression)] @abc.assignment
[
  (function_call_expression) (member_call_expression) (nullsafe_member_call_expression) (scoped_call_expression)
  (object_creation_expression)] @abc.branch
(binary_expression operator: ["==" "===" "!=" "!==" "<>" "<" ">" "<=" ">=" "<=>"] @abc.condition)
(else_clause "else" @abc.condition)
(else_if_clause) @abc.condition
(case_statement "case" @abc.condition)
(match_conditional_expression) @abc.condition
(conditional_expression "?" @abc.condition)
(catch_clause "catch" @abc.condition)
(unary_op_expression operator: "!" @abc.condition)
; recursion, LCOM4
(function_call_expression function: (name) @call)
(member_call_expression object: (variable_name) @_this name: (name) @call (#eq? @_this "$this"))
(scoped_call_expression scope: (relative_scope) name: (name) @call)
(member_access_expression object: (variable_name) @_this name: (name) @member (#eq? @_this "$this"))
(member_call_expression object: (variable_name) @_this name: (name) @member (#eq? @_this "$this"))
(scoped_call_expression scope: (relative_scope) name: (name) @member)
(scoped_property_access_expression scope: (relative_scope) name: (variable_name (name) @member))
