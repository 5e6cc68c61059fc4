; Security findings of JavaScript: vulnerability, hotspot (to be reviewed), secret.
(call_expression function: (identifier) @finding
  (#eq? @finding "eval")
  (#set! rule "eval") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "runs text as code"))
(new_expression constructor: (identifier) @finding
  (#eq? @finding "Function")
  (#set! rule "eval") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "runs text as code"))
(call_expression function: (identifier) @_name arguments: (arguments . (string))
  (#any-of? @_name "setTimeout" "setInterval")
  (#set! rule "eval") (#set! severity "medium") (#set! kind "vulnerability")
  (#set! message "runs text as code")) @finding
(call_expression function: [(identifier) @_name (member_expression property: (property_identifier) @_name)] arguments: (arguments . [(template_string (template_substitution)) (binary_expression)])
  (#any-of? @_name "exec" "execSync")
  (#set! rule "shell") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "command line put together from values")) @finding
(assignment_expression left: (member_expression property: (property_identifier) @_name) right: [(identifier) (binary_expression) (template_string (template_substitution)) (call_expression)]
  (#any-of? @_name "innerHTML" "outerHTML")
  (#set! rule "xss") (#set! severity "medium") (#set! kind "vulnerability")
  (#set! message "text becomes HTML")) @finding
(call_expression function: (member_expression object: (identifier) @_object property: (property_identifier) @_name)
  (#eq? @_object "document")
  (#any-of? @_name "write" "writeln")
  (#set! rule "xss") (#set! severity "medium") (#set! kind "vulnerability")
  (#set! message "text becomes HTML")) @finding
(call_expression function: (member_expression property: (property_identifier) @_name) arguments: (arguments . (string (string_fragment) @_value))
  (#eq? @_name "createHash")
  (#any-of? @_value "md5" "sha1")
  (#set! rule "weak-hash") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "MD5 or SHA-1")) @finding
(pair key: (property_identifier) @_name value: (false)
  (#eq? @_name "rejectUnauthorized")
  (#set! rule "tls-verify-off") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "certificates are not checked")) @finding
(call_expression function: (member_expression property: (property_identifier) @_name) arguments: (arguments . [(template_string (template_substitution)) (binary_expression left: (string))])
  (#any-of? @_name "query" "execute" "raw")
  (#set! rule "sql-injection") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "SQL put together from values")) @finding
(call_expression function: (member_expression object: (identifier) @_object property: (property_identifier) @_name)
  (#eq? @_object "Math")
  (#eq? @_name "random")
  (#set! rule "weak-random") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "not random enough for secrets")) @finding
(variable_declarator name: (identifier) @_name value: (string (string_fragment) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
(assignment_expression left: [(identifier) @_name (member_expression property: (property_identifier) @_name)] right: (string (string_fragment) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
(pair key: [(property_identifier) @_name (string (string_fragment) @_name)] value: (string (string_fragment) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
