; Code smells of TypeScript, with the minutes that their repair takes; strings that should not be repeated.
([
  (if_statement (statement_block "{" . "}") @smell)
  (else_clause (statement_block "{" . "}") @smell)
  (for_statement (statement_block "{" . "}") @smell)
  (for_in_statement (statement_block "{" . "}") @smell)
  (while_statement (statement_block "{" . "}") @smell)
  (do_statement (statement_block "{" . "}") @smell)
  (try_statement (statement_block "{" . "}") @smell)
  (catch_clause (statement_block "{" . "}") @smell)
  (finally_clause (statement_block "{" . "}") @smell)]
  (#set! rule "empty-block") (#set! minutes "5") (#set! message "empty block"))
(debugger_statement
  (#set! rule "debugger") (#set! minutes "5") (#set! message "left from debugging")) @smell
(comment
  (#match? @smell "^//[ ]?([})]+[[:space:]]*(else[[:space:]]*)?|(return|if|for|while|else|var|let|const|int|auto)[[:space:](].*|[A-Za-z_$@*&][A-Za-z0-9_$.>-]*([[(]|[[:space:]]*[-+*/|&:.]?=[^=]).*)[;{]$")
  (#set! rule "commented-out-code") (#set! minutes "5") (#set! message "code in a comment")) @smell
(string) @string
