; Code smells of PHP, with the minutes that their repair takes; strings that should not be repeated.
([
  (if_statement (compound_statement "{" . "}") @smell)
  (else_clause (compound_statement "{" . "}") @smell)
  (else_if_clause (compound_statement "{" . "}") @smell)
  (for_statement (compound_statement "{" . "}") @smell)
  (foreach_statement (compound_statement "{" . "}") @smell)
  (while_statement (compound_statement "{" . "}") @smell)
  (do_statement (compound_statement "{" . "}") @smell)
  (try_statement (compound_statement "{" . "}") @smell)
  (catch_clause (compound_statement "{" . "}") @smell)
  (finally_clause (compound_statement "{" . "}") @smell)]
  (#set! rule "empty-block") (#set! minutes "5") (#set! message "empty block"))
(error_suppression_expression
  (#set! rule "error-suppression") (#set! minutes "5") (#set! message "hides errors")) @smell
(goto_statement
  (#set! rule "goto") (#set! minutes "20") (#set! message "jumps")) @smell
(comment
  (#match? @smell "^//[ ]?([})]+[[:space:]]*(else[[:space:]]*)?|(return|if|for|while|else|var|let|const|int|auto)[[:space:](].*|[A-Za-z_$@*&][A-Za-z0-9_$.>-]*([[(]|[[:space:]]*[-+*/|&:.]?=[^=]).*)[;{]$")
  (#set! rule "commented-out-code") (#set! minutes "5") (#set! message "code in a comment")) @smell
(string) @string
(encapsed_string) @string
