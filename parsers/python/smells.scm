; Code smells of Python, with the minutes that their repair takes; strings that should not be repeated.
(except_clause "except" . ":"
  (#set! rule "bare-except") (#set! minutes "5") (#set! message "catches everything, also KeyboardInterrupt")) @smell
(except_clause (block . (pass_statement) .)
  (#set! rule "swallowed-exception") (#set! minutes "5") (#set! message "the exception is lost")) @smell
(default_parameter value: [(list) (dictionary) (set)]
  (#set! rule "mutable-default") (#set! minutes "5") (#set! message "one value for all calls")) @smell
(typed_default_parameter value: [(list) (dictionary) (set)]
  (#set! rule "mutable-default") (#set! minutes "5") (#set! message "one value for all calls")) @smell
(wildcard_import
  (#set! rule "wildcard-import") (#set! minutes "5") (#set! message "names of unknown origin")) @smell
(comparison_operator (_) ["==" "!="] (none)
  (#set! rule "none-comparison") (#set! minutes "2") (#set! message "compare with is")) @smell
(comment
  (#match? @smell "^#[[:space:]]*(def |class |import |from [a-z.]+ import |return |if .*:$|for .*:$|while .*:$|else:$|[a-z_.]+\\(.*\\)$|[a-z_]+ = .*\\)$)")
  (#set! rule "commented-out-code") (#set! minutes "5") (#set! message "code in a comment")) @smell
(string) @string
