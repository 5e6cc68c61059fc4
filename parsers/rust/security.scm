; Security findings of Rust: vulnerability, hotspot (to be reviewed), secret.
(unsafe_block
  (#set! rule "unsafe") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "memory safety is the author's word")) @finding
(call_expression function: (scoped_identifier name: (identifier) @_name) arguments: (arguments . (string_literal (string_content) @_shell))
  (#eq? @_name "new")
  (#any-of? @_shell "sh" "bash" "/bin/sh" "/bin/bash")
  (#set! rule "shell") (#set! severity "medium") (#set! kind "hotspot")
  (#set! message "runs a shell")) @finding
(call_expression function: (field_expression field: (field_identifier) @_name) arguments: (arguments (boolean_literal) @_value)
  (#any-of? @_name "danger_accept_invalid_certs" "danger_accept_invalid_hostnames")
  (#eq? @_value "true")
  (#set! rule "tls-verify-off") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "certificates are not checked")) @finding
(call_expression function: [(identifier) @_name (scoped_identifier name: (identifier) @_name) (generic_function function: (scoped_identifier name: (identifier) @_name))]
  (#eq? @_name "transmute")
  (#set! rule "transmute") (#set! severity "medium") (#set! kind "hotspot")
  (#set! message "reinterprets memory")) @finding
(let_declaration pattern: (identifier) @_name value: (string_literal (string_content) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
(const_item name: (identifier) @_name value: (string_literal (string_content) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
(static_item name: (identifier) @_name value: (string_literal (string_content) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
