; Measures of Ruby: decisions, cognitive complexity, nesting, exits, statements, comments, Halstead tokens.
(if "if" @decision)
(elsif "elsif" @decision)
(unless "unless" @decision)
(if_modifier "if" @decision)
(unless_modifier "unless" @decision)
(while "while" @decision)
(until "until" @decision)
(while_modifier "while" @decision)
(until_modifier "until" @decision)
(for "for" @decision)
(when "when" @decision)
(in_clause "in" @decision)
(rescue "rescue" @decision)
(rescue_modifier "rescue" @decision)
(conditional "?" @decision)
(binary operator: ["&&" "||" "and" "or"] @decision)
(operator_assignment operator: ["||=" "&&="] @decision)
(if condition: (_) @header)
(unless condition: (_) @header)
(while condition: (_) @header)
(until condition: (_) @header)
(if_modifier condition: (_) @header)
(unless_modifier condition: (_) @header)
(while_modifier condition: (_) @header)
(until_modifier condition: (_) @header)
(case value: (_) @header)
(case_match value: (_) @header)
(conditional condition: (_) @header)
[
  (if) (unless) (if_modifier) (unless_modifier) (while) (until) (while_modifier) (until_modifier) (for) (case)
  (case_match) (rescue) (rescue_modifier) (conditional)] @nest
(elsif "elsif" @else)
(if (else "else" @else))
(unless (else "else" @else))
(elsif (else "else" @else))
(binary operator: ["&&" "||" "and" "or"] @logical.op) @logical
(parenthesized_statements) @paren
[
  (if) (unless) (while) (until) (for) (case) (case_match) (begin (rescue)) (if_modifier) (unless_modifier)
  (while_modifier) (until_modifier)] @depth
(return) @exit
(comment) @comment
[
  "{" "[" "(" "," "." "&." ";" ":" "::" "=" "+" "-" "*" "/" "%" "**" "&" "|" "^" "~" "!" "<<" ">>" "==" "===" "!=" "<=>"
  "=~" "!~" "<" ">" "<=" ">=" "&&" "||" "and" "or" "not" "+=" "-=" "*=" "/=" "%=" "**=" "&=" "|=" "^=" "<<=" ">>=" "&&="
  "||=" ".." "..." "?" "=>" "->" "alias" "begin" "break" "case" "class" "def" "defined?" "do" "else" "elsif" "ensure"
  "for" "if" "in" "module" "next" "redo" "rescue" "retry" "return" "then" "undef" "unless" "until" "when" "while"
  "yield"] @h.operator
[
  (identifier) (constant) (instance_variable) (class_variable) (global_variable) (integer) (float) (rational) (complex)
  (string) (simple_symbol) (delimited_symbol) (hash_key_symbol) (character) (regex) (subshell) (heredoc_body) (true)
  (false) (nil) (self) (super)] @h.operand
