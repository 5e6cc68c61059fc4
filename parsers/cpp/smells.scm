; Code smells of C++, with the minutes that their repair takes; strings that should not be repeated.
([
  (if_statement (compound_statement "{" . "}") @smell)
  (else_clause (compound_statement "{" . "}") @smell)
  (for_statement (compound_statement "{" . "}") @smell)
  (while_statement (compound_statement "{" . "}") @smell)
  (do_statement (compound_statement "{" . "}") @smell)
  (for_range_loop (compound_statement "{" . "}") @smell)
  (try_statement (compound_statement "{" . "}") @smell)
  (catch_clause (compound_statement "{" . "}") @smell)]
  (#set! rule "empty-block") (#set! minutes "5") (#set! message "empty block"))
(if_statement condition: (condition_clause value: (assignment_expression))
  (#set! rule "assignment-in-condition") (#set! minutes "5") (#set! message "= where == is usual")) @smell
(comment
  (#match? @smell "^//[ ]?([})]+[[:space:]]*(else[[:space:]]*)?|(return|if|for|while|else|var|let|const|int|auto)[[:space:](].*|[A-Za-z_$@*&][A-Za-z0-9_$.>-]*([[(]|[[:space:]]*[-+*/|&:.]?=[^=]).*)[;{]$")
  (#set! rule "commented-out-code") (#set! minutes "5") (#set! message "code in a comment")) @smell
(string_literal) @string
