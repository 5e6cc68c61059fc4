; Measures of TypeScript: decisions, cognitive complexity, nesting, exits, statements, comments, Halstead tokens.
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
(non_null_expression) @paren
(statement_identifier) @statement
; cognitive: every function has a row of its own and is no part of the one around it
[
  (function_declaration) (generator_function_declaration) (method_definition) (function_expression) (generator_function)
  (arrow_function)] @separate
