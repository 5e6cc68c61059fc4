; Security findings of Elixir: vulnerability, hotspot (to be reviewed), secret.
(call target: (dot left: (alias) @_module right: (identifier) @_name)
  (#eq? @_module "Code")
  (#any-of? @_name "eval_string" "eval_file" "eval_quoted")
  (#set! rule "eval") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "runs text as code")) @finding
(call target: (dot left: (alias) @_module right: (identifier) @_name)
  (#eq? @_module "String")
  (#eq? @_name "to_atom")
  (#set! rule "atom-exhaustion") (#set! severity "medium") (#set! kind "vulnerability")
  (#set! message "atoms are never freed")) @finding
(call target: (dot left: (atom) @_module right: (identifier) @_name) (arguments . (_) .)
  (#eq? @_module ":erlang")
  (#eq? @_name "binary_to_term")
  (#set! rule "unsafe-deserialization") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "data can bring code to run")) @finding
(call target: (dot left: (atom) @_module right: (identifier) @_name)
  (#eq? @_module ":erlang")
  (#eq? @_name "binary_to_atom")
  (#set! rule "atom-exhaustion") (#set! severity "medium") (#set! kind "vulnerability")
  (#set! message "atoms are never freed")) @finding
(call target: (dot left: (atom) @_module right: (identifier) @_name)
  (#eq? @_module ":os")
  (#eq? @_name "cmd")
  (#set! rule "shell") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "runs a shell")) @finding
(call target: (identifier) @_name (arguments (_))
  (#eq? @_name "raw")
  (#set! rule "xss") (#set! severity "medium") (#set! kind "hotspot")
  (#set! message "text becomes HTML")) @finding
(call target: (dot right: (identifier) @_name) (arguments (string (interpolation)))
  (#any-of? @_name "query" "query!")
  (#set! rule "sql-injection") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "SQL put together from values")) @finding
(call target: (dot left: (atom) @_module right: (identifier) @_name) (arguments . (atom) @_hash)
  (#eq? @_module ":crypto")
  (#eq? @_name "hash")
  (#any-of? @_hash ":md5" ":sha")
  (#set! rule "weak-hash") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "MD5 or SHA-1")) @finding
(pair key: (keyword) @_name value: (atom) @_value
  (#match? @_name "^verify:")
  (#eq? @_value ":verify_none")
  (#set! rule "tls-verify-off") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "certificates are not checked")) @finding
(binary_operator left: (identifier) @_name operator: "=" right: (string (quoted_content) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
(unary_operator operator: "@" operand: (call target: (identifier) @_name (arguments . (string (quoted_content) @_value) .))
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
(pair key: (keyword) @_name value: (string (quoted_content) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey):")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
