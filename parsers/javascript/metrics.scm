; Measures of JavaScript: decisions, cognitive complexity, nesting, exits, statements, comments, Halstead tokens, NPath, ABC, recursion, LCOM4.
(if_statement "if" @decision)
(for_statement "for" @decision)
(for_in_statement "for" @decision)
(while_statement "while" @decision)
(do_statement "while" @decision)
(switch_case "case" @decision)
(catch_clause "catch" @decision)
(ternary_expression "?" @decision)
(binary_expression operator: ["&&" "||" "??"] @decision)
(augmented_assignment_expression operator: ["&&=" "||=" "??="] @decision)
(if_statement condition: (_) @header)
(for_statement initializer: (_) @header)
(for_statement condition: (_) @header)
(for_statement increment: (_) @header)
(for_in_statement right: (_) @header)
(while_statement condition: (_) @header)
(do_statement condition: (_) @header)
(switch_statement value: (_) @header)
(ternary_expression condition: (_) @header)
(catch_clause parameter: (_) @header)
[
  (if_statement) (for_statement) (for_in_statement) (while_statement) (do_statement) (switch_statement)
  (ternary_expression) (catch_clause)] @nest
(else_clause "else" @else)
(else_clause (if_statement) @elseif)
(break_statement label: (_)) @jump
(continue_statement label: (_)) @jump
(binary_expression operator: ["&&" "||"] @logical.op) @logical
(parenthesized_expression) @paren
[(if_statement) (for_statement) (for_in_statement) (while_statement) (do_statement) (switch_statement) (try_statement)] @depth
(return_statement) @exit
(comment) @comment
[
  (expression_statement) (export_statement) (import_statement) (statement_block) (if_statement) (switch_statement)
  (for_statement) (for_in_statement) (while_statement) (do_statement) (try_statement) (with_statement) (break_statement)
  (continue_statement) (debugger_statement) (return_statement) (throw_statement) (empty_statement)] @statement
[
  "export" "import" "extends" "." "from" "(" "," "as" "*" ">>" ">>>" ":" "return" "delete" "throw" "break" "continue"
  "if" "else" "switch" "case" "default" "async" "for" "in" "of" "while" "try" "catch" "finally" "with" "=" "@" "&&" "||"
  "+" "-" "--" "++" "/" "%" "**" "|" "&" "<<" "~" "<" "<=" "==" "!=" ">=" ">" "+=" "!" "!==" "===" "-=" "*=" "/=" "%="
  "**=" ">>=" ">>>=" "<<=" "&=" "^" "^=" "|=" "yield" "[" "{" "await" "?" "??" "new" "let" "var" "const" "function" ";"] @h.operator
(import) @h.operator
(function_expression) @h.operator.rca
[
  (identifier) (property_identifier) (string) (number) (true) (false) (null) "void" (this) (super) (undefined) "set"
  "get" "typeof" "instanceof"] @h.operand
[
  (shorthand_property_identifier) (shorthand_property_identifier_pattern) (statement_identifier)
  (private_property_identifier) (regex) (template_string)] @h.operand.ours
(member_expression) @h.operand.rca
(statement_identifier) @statement
; cognitive: every function has a row of its own and is no part of the one around it
[
  (function_declaration) (generator_function_declaration) (method_definition) (function_expression) (generator_function)
  (arrow_function)] @separate
; npath
(if_statement) @npath.if
[(for_statement) (for_in_statement) (while_statement) (do_statement)] @npath.loop
(switch_statement) @npath.switch
(switch_case "case" @npath.case)
(switch_default "default" @npath.case)
(ternary_expression) @npath.ternary
(try_statement) @npath.try
(catch_clause) @npath.catch
; abc: assignments; calls, new; comparisons, else, case, ?:, catch, !
[
  (assignment_expression) (augmented_assignment_expression) (update_expression)
  (variable_declarator value: (_))] @abc.assignment
[(call_expression) (new_expression)] @abc.branch
(binary_expression operator: ["==" "===" "!=" "!==" "<" ">" "<=" ">="] @abc.condition)
(else_clause "else" @abc.condition)
(switch_case "case" @abc.condition)
(ternary_expression "?" @abc.condition)
(catch_clause "catch" @abc.condition)
(unary_expression operator: "!" @abc.condition)
; recursion, LCOM4
(call_expression function: (identifier) @call)
(call_expression function: (member_expression object: (this) property: (property_identifier) @call))
(member_expression object: (this) property: [(property_identifier) (private_property_identifier)] @member)
