; Measures of Java: decisions, cognitive complexity, nesting, exits, statements, comments, Halstead tokens, NPath, ABC, recursion, LCOM4.
(if_statement "if" @decision)
(for_statement "for" @decision)
(enhanced_for_statement "for" @decision)
(while_statement "while" @decision)
(do_statement "while" @decision)
(switch_label "case" @decision)
(catch_clause "catch" @decision)
(guard "when" @decision)
(ternary_expression "?" @decision)
(binary_expression operator: ["&&" "||"] @decision)
(if_statement condition: (_) @header)
(for_statement init: (_) @header)
(for_statement condition: (_) @header)
(for_statement update: (_) @header)
(enhanced_for_statement value: (_) @header)
(while_statement condition: (_) @header)
(do_statement condition: (_) @header)
(switch_expression condition: (_) @header)
(ternary_expression condition: (_) @header)
(catch_clause (catch_formal_parameter) @header)
[
  (if_statement) (for_statement) (enhanced_for_statement) (while_statement) (do_statement) (switch_expression)
  (ternary_expression) (catch_clause)] @nest
(if_statement "else" @else)
(if_statement alternative: (if_statement) @elseif)
(break_statement (identifier)) @jump
(continue_statement (identifier)) @jump
(binary_expression operator: ["&&" "||"] @logical.op) @logical
(parenthesized_expression) @paren
[
  (if_statement) (for_statement) (enhanced_for_statement) (while_statement) (do_statement) (switch_expression)
  (try_statement) (try_with_resources_statement) (synchronized_statement)] @depth
(return_statement) @exit
[(line_comment) (block_comment)] @comment
[
  (assert_statement) (break_statement) (continue_statement) (do_statement) (enhanced_for_statement)
  (expression_statement) (for_statement) (if_statement) (return_statement) (switch_expression) (throw_statement)
  (try_statement) (try_with_resources_statement) (while_statement) (local_variable_declaration)] @statement
[
  "if" "else" "switch" "case" "try" "catch" "throw" "throws" "for" "while" "continue" "break" "do" "finally" "new"
  "return" "default" "abstract" "assert" "instanceof" "extends" "final" "implements" "transient" "synchronized" ";" ","
  "::" "{" "[" "(" "=" "<" ">" "!" "~" "?" ":" "==" "<=" ">=" "!=" "&&" "||" "++" "--" "+" "-" "*" "/" "&" "|" "^" "%"
  "<<" ">>" ">>>" "+=" "-=" "*=" "/=" "&=" "|=" "^=" "%=" "<<=" ">>=" ">>>=" "int" "float"] @h.operator
[(super) (this) (void_type)] @h.operator
[
  "byte" "short" "long" "char" "double" "." "..." "->" "@" "public" "private" "protected" "static" "class" "interface"
  "enum" "import" "package" "volatile" "native"] @h.operator.ours
[(boolean_type)] @h.operator.ours
[
  (identifier) (null_literal) (class_literal) (string_literal) (character_literal) (hex_integer_literal)
  (octal_integer_literal) (binary_integer_literal) (decimal_integer_literal) (hex_floating_point_literal)
  (decimal_floating_point_literal)] @h.operand
[(type_identifier) (true) (false)] @h.operand.ours
(for_statement init: (local_variable_declaration) @not_statement)
; npath
(if_statement) @npath.if
[(for_statement) (enhanced_for_statement) (while_statement) (do_statement)] @npath.loop
(switch_expression) @npath.switch
(switch_label) @npath.case
(ternary_expression) @npath.ternary
[(try_statement) (try_with_resources_statement)] @npath.try
(catch_clause) @npath.catch
; abc: assignments; calls, new; comparisons, else, case, ?:, catch, !
[(assignment_expression) (update_expression) (variable_declarator value: (_))] @abc.assignment
[(method_invocation) (object_creation_expression) (explicit_constructor_invocation)] @abc.branch
(binary_expression operator: ["==" "!=" "<" ">" "<=" ">="] @abc.condition)
(if_statement "else" @abc.condition)
(switch_label "case" @abc.condition)
(ternary_expression "?" @abc.condition)
(catch_clause "catch" @abc.condition)
(unary_expression operator: "!" @abc.condition)
; recursion, LCOM4
(method_invocation !object name: (identifier) @call)
(method_invocation object: (this) name: (identifier) @call)
(field_access object: (this) field: (identifier) @member)
(identifier) @member.bare
