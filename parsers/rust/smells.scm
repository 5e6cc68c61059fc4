; Code smells of Rust, with the minutes that their repair takes; strings that should not be repeated.
([
  (if_expression (block "{" . "}") @smell)
  (else_clause (block "{" . "}") @smell)
  (for_expression (block "{" . "}") @smell)
  (while_expression (block "{" . "}") @smell)
  (loop_expression (block "{" . "}") @smell)]
  (#set! rule "empty-block") (#set! minutes "5") (#set! message "empty block"))
(macro_invocation macro: (identifier) @smell
  (#any-of? @smell "todo" "unimplemented" "dbg")
  (#set! rule "unfinished") (#set! minutes "5") (#set! message "left from writing"))
(line_comment
  (#match? @smell "^//[ ]?([})]+[[:space:]]*(else[[:space:]]*)?|(return|if|for|while|else|var|let|const|int|auto)[[:space:](].*|[A-Za-z_$@*&][A-Za-z0-9_$.>-]*([[(]|[[:space:]]*[-+*/|&:.]?=[^=]).*)[;{]$")
  (#set! rule "commented-out-code") (#set! minutes "5") (#set! message "code in a comment")) @smell
(string_literal) @string
