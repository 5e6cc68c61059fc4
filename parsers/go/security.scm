; Security findings of Go: vulnerability, hotspot (to be reviewed), secret.
(call_expression function: (selector_expression operand: (identifier) @_package field: (field_identifier) @_name) arguments: (argument_list . (interpreted_string_literal) @_shell)
  (#eq? @_package "exec")
  (#eq? @_name "Command")
  (#any-of? @_shell "\"sh\"" "\"bash\"" "\"/bin/sh\"" "\"/bin/bash\"")
  (#set! rule "shell") (#set! severity "medium") (#set! kind "hotspot")
  (#set! message "runs a shell")) @finding
(call_expression function: (selector_expression operand: (identifier) @_package field: (field_identifier) @_name)
  (#any-of? @_package "md5" "sha1")
  (#any-of? @_name "New" "Sum")
  (#set! rule "weak-hash") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "MD5 or SHA-1")) @finding
(keyed_element . (literal_element (identifier) @_name) (literal_element (true))
  (#eq? @_name "InsecureSkipVerify")
  (#set! rule "tls-verify-off") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "certificates are not checked")) @finding
(call_expression function: (selector_expression field: (field_identifier) @_name) arguments: (argument_list (binary_expression left: (interpreted_string_literal) operator: "+"))
  (#any-of? @_name "Query" "QueryRow" "Exec" "QueryContext" "QueryRowContext" "ExecContext")
  (#set! rule "sql-injection") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "SQL put together from values")) @finding
(call_expression function: (selector_expression field: (field_identifier) @_name) arguments: (argument_list (call_expression function: (selector_expression) @_format))
  (#any-of? @_name "Query" "QueryRow" "Exec" "QueryContext" "QueryRowContext" "ExecContext")
  (#eq? @_format "fmt.Sprintf")
  (#set! rule "sql-injection") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "SQL put together from values")) @finding
(import_spec path: (interpreted_string_literal) @finding
  (#eq? @finding "\"math/rand\"")
  (#set! rule "weak-random") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "not random enough for secrets"))
(import_spec path: (interpreted_string_literal) @finding
  (#eq? @finding "\"unsafe\"")
  (#set! rule "unsafe") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "memory safety is given up"))
(const_spec name: (identifier) @_name value: (expression_list (interpreted_string_literal (interpreted_string_literal_content) @_value))
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
(var_spec name: (identifier) @_name value: (expression_list (interpreted_string_literal (interpreted_string_literal_content) @_value))
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
(short_var_declaration left: (expression_list (identifier) @_name) right: (expression_list (interpreted_string_literal (interpreted_string_literal_content) @_value))
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
