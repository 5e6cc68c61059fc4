; Code smells of C#, with the minutes that their repair takes; strings that should not be repeated.
([
  (if_statement (block "{" . "}") @smell)
  (for_statement (block "{" . "}") @smell)
  (foreach_statement (block "{" . "}") @smell)
  (while_statement (block "{" . "}") @smell)
  (do_statement (block "{" . "}") @smell)
  (try_statement (block "{" . "}") @smell)
  (catch_clause (block "{" . "}") @smell)
  (finally_clause (block "{" . "}") @smell)
  (using_statement (block "{" . "}") @smell)
  (lock_statement (block "{" . "}") @smell)]
  (#set! rule "empty-block") (#set! minutes "5") (#set! message "empty block"))
(goto_statement
  (#set! rule "goto") (#set! minutes "20") (#set! message "jumps")) @smell
(comment
  (#match? @smell "^//[ ]?([})]+[[:space:]]*(else[[:space:]]*)?|(return|if|for|while|else|var|let|const|int|auto)[[:space:](].*|[A-Za-z_$@*&][A-Za-z0-9_$.>-]*([[(]|[[:space:]]*[-+*/|&:.]?=[^=]).*)[;{]$")
  (#set! rule "commented-out-code") (#set! minutes "5") (#set! message "code in a comment")) @smell
(string_literal) @string
