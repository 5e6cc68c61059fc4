; Measures of Elixir: decisions, cognitive complexity, nesting, exits, statements, comments, Halstead tokens.
; everything is `call`: keywords are matched by target text
; cyclomatic: credo (case/cond/receive arms each +1 incl. `_`; if unless for try and or && || +1; with 0, its else arms +1 (ours: credo 0))
(call target: (identifier) @_k (#any-of? @_k "if" "unless" "for" "try")) @decision
(call target: (identifier) @_k (do_block (stab_clause) @decision) (#any-of? @_k "case" "cond" "receive"))
(binary_operator operator: ["&&" "||" "and" "or"] @decision)
; cognitive
(call target: (identifier) @_k (#any-of? @_k "if" "unless" "for" "case" "cond" "receive" "with")) @nest
(call target: (identifier) @_k (arguments . (_) @header) (#any-of? @_k "if" "unless" "case"))
(rescue_block) @nest
(catch_block) @nest
(call target: (identifier) @_k (do_block (else_block "else" @else)) (#any-of? @_k "if" "unless" "with" "try"))
(call target: (identifier) @_k (arguments (keywords (pair key: (keyword) @else (#match? @else "^else:")))) (#any-of? @_k "if" "unless"))
(binary_operator operator: ["&&" "||" "and" "or"] @logical.op) @logical
(block . "(" . (_) . ")") @paren
(call target: (identifier) @_k (#any-of? @_k "if" "unless" "for" "case" "cond" "receive" "with" "try")) @depth
(comment) @comment
(unary_operator operator: "@" operand: (call target: (identifier) @_a (arguments [(string) (sigil)]) (#any-of? @_a "moduledoc" "doc" "typedoc" "shortdoc"))) @docstring
[
  "(" "{" "[" "," "." ";" "=" "+" "-" "*" "/" "++" "--" "+++" "---" "<>" "|" "||" "&&" "|||" "&&&" "and" "or" "not" "in"
  "!" "^" "&" "@" "==" "!=" "===" "!==" "=~" "<" ">" "<=" ">=" "|>" "<-" "->" "::" "\\\\" ".." "//" "**" "=>" "when"
  "fn" "do" "rescue" "catch" "after" "else" "%" "<<" "~>" "<~" "<~>" "<<~" "~>>" "<<<" ">>>" "^^^" "~~~"] @h.operator
[
  (identifier) (alias) (integer) (float) (string) (charlist) (atom) (quoted_atom) (keyword) (quoted_keyword) (sigil)
  (char) (boolean) (nil)] @h.operand
(call target: (identifier) @h.operator.ours (#any-of? @h.operator.ours "def" "defp" "defmacro" "defmodule" "if" "unless" "case" "cond" "for" "with" "try" "receive" "quote" "unquote" "import" "alias" "require" "use" "raise"))
