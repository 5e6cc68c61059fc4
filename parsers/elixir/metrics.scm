; Measures of Elixir: decisions, cognitive complexity, nesting, exits, statements, comments, Halstead tokens, NPath, ABC, recursion, LCOM4.
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
; npath
(call target: (identifier) @_k (#any-of? @_k "if" "unless")) @npath.if
(call target: (identifier) @_k (#eq? @_k "for")) @npath.loop
(call target: (identifier) @_k (#any-of? @_k "case" "cond" "receive")) @npath.switch
(call target: (identifier) @_k (do_block (stab_clause) @npath.case) (#any-of? @_k "case" "cond" "receive"))
(call target: (identifier) @_k (#eq? @_k "try")) @npath.try
[(rescue_block) (catch_block)] @npath.catch
; abc: matches; calls; comparisons, else, clauses of case, rescue, !
(binary_operator operator: "=" @abc.assignment)
(call target: (dot)) @abc.branch
(call target: (identifier) @_k (#not-any-of? @_k "def" "defp" "defmacro" "defmacrop" "defmodule" "defprotocol" "defimpl" "defstruct"
  "defguard" "defguardp" "defdelegate" "defexception" "if" "unless" "case" "cond" "for" "with" "try" "receive" "quote" "unquote"
  "import" "alias" "require" "use")) @abc.branch
; the head of a definition and module attributes are calls to the grammar alone
(call target: (identifier) @_k
  (arguments . [
    (call) @abc.not_branch
    (binary_operator left: (call) @abc.not_branch operator: "when")])
  (#any-of? @_k "def" "defp" "defmacro" "defmacrop" "defguard" "defguardp" "defdelegate"))
(unary_operator operator: "@" operand: (call) @abc.not_branch)
(unary_operator operator: "@" operand: (call (arguments (binary_operator left: (call) @abc.not_branch operator: "::"))))
(binary_operator operator: ["==" "!=" "===" "!==" "<" ">" "<=" ">=" "=~"] @abc.condition)
(else_block "else" @abc.condition)
(call target: (identifier) @_k (do_block (stab_clause) @abc.condition) (#any-of? @_k "case" "cond" "receive"))
(rescue_block "rescue" @abc.condition)
(unary_operator operator: ["!" "not"] @abc.condition)
; recursion, LCOM4
(call target: (identifier) @call)
(call target: (identifier) @member.bare)
(binary_operator operator: "|>" right: (identifier) @member.bare)
(unary_operator operator: "@" operand: (identifier) @member)
