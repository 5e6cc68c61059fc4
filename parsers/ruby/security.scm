; Security findings of Ruby: vulnerability, hotspot (to be reviewed), secret.
(call method: (identifier) @finding
  (#any-of? @finding "eval" "instance_eval" "class_eval" "module_eval")
  (#set! rule "eval") (#set! severity "medium") (#set! kind "hotspot")
  (#set! message "may run text as code"))
(call !receiver method: (identifier) @_name arguments: (argument_list . (string (interpolation)))
  (#any-of? @_name "system" "exec" "spawn")
  (#set! rule "shell") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "command line put together from values")) @finding
(subshell (interpolation)
  (#set! rule "shell") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "command line put together from values")) @finding
(call receiver: (constant) @_object method: (identifier) @_name
  (#eq? @_object "Marshal")
  (#any-of? @_name "load" "restore")
  (#set! rule "unsafe-deserialization") (#set! severity "medium") (#set! kind "vulnerability")
  (#set! message "data can bring code to run")) @finding
(call receiver: (constant) @_object method: (identifier) @_name
  (#eq? @_object "YAML")
  (#any-of? @_name "load" "unsafe_load")
  (#set! rule "unsafe-deserialization") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "data can bring objects")) @finding
(call method: (identifier) @_name arguments: (argument_list . (string (interpolation)))
  (#any-of? @_name "where" "find_by_sql" "execute" "order")
  (#set! rule "sql-injection") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "SQL put together from values")) @finding
(call method: (identifier) @finding
  (#any-of? @finding "html_safe" "raw")
  (#set! rule "xss") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "text becomes HTML"))
(scope_resolution name: (constant) @finding
  (#eq? @finding "VERIFY_NONE")
  (#set! rule "tls-verify-off") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "certificates are not checked"))
(scope_resolution scope: (constant) @_scope name: (constant) @_name
  (#eq? @_scope "Digest")
  (#any-of? @_name "MD5" "SHA1")
  (#set! rule "weak-hash") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "MD5 or SHA-1")) @finding
(assignment left: [(identifier) @_name (constant) @_name (instance_variable) @_name] right: (string (string_content) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
(pair key: (hash_key_symbol) @_name value: (string (string_content) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
