; Measures of PHP: decisions, cognitive complexity, nesting, exits, statements, comments, Halstead tokens.
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
