; Measures of Ruby: decisions, cognitive complexity, nesting, exits, statements, comments, Halstead tokens, NPath, ABC, recursion, LCOM4.
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
; npath
[(if) (unless) (if_modifier) (unless_modifier)] @npath.if
(elsif "elsif" @npath.elseif)
[(while) (until) (while_modifier) (until_modifier) (for)] @npath.loop
[(case) (case_match)] @npath.switch
(when "when" @npath.case)
(in_clause "in" @npath.case)
(case (else "else" @npath.case))
(case_match else: (else "else" @npath.case))
(conditional) @npath.ternary
(begin (rescue)) @npath.try
(body_statement (rescue)) @npath.try
(rescue "rescue" @npath.catch)
; abc: assignments; calls; comparisons, else, when, in, ?:, rescue, !
[(assignment) (operator_assignment)] @abc.assignment
[(call) (yield)] @abc.branch
(binary operator: ["==" "===" "!=" "<" ">" "<=" ">=" "<=>" "=~" "!~"] @abc.condition)
(else "else" @abc.condition)
(elsif "elsif" @abc.condition)
(when "when" @abc.condition)
(in_clause "in" @abc.condition)
(conditional "?" @abc.condition)
(rescue "rescue" @abc.condition)
(unary operator: ["!" "not"] @abc.condition)
; recursion, LCOM4
(call !receiver method: (identifier) @call)
(call receiver: (self) method: (identifier) @call)
[(instance_variable) (class_variable)] @member
(call receiver: (self) method: (identifier) @member)
(identifier) @member.bare
