; Security findings of Python: vulnerability, hotspot (to be reviewed), secret.
(call function: (identifier) @finding
  (#any-of? @finding "eval" "exec")
  (#set! rule "eval") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "runs text as code"))
(call function: (attribute object: (identifier) @_module attribute: (identifier) @_name)
  (#eq? @_module "os")
  (#any-of? @_name "system" "popen")
  (#set! rule "shell") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "runs a shell")) @finding
(call function: (attribute object: (identifier) @_module) arguments: (argument_list (keyword_argument name: (identifier) @_key value: (true)))
  (#eq? @_module "subprocess")
  (#eq? @_key "shell")
  (#set! rule "shell") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "runs a shell")) @finding
(call function: (attribute object: (identifier) @_module attribute: (identifier) @_name)
  (#any-of? @_module "pickle" "cPickle" "marshal" "shelve" "dill")
  (#any-of? @_name "load" "loads" "open")
  (#set! rule "unsafe-deserialization") (#set! severity "medium") (#set! kind "vulnerability")
  (#set! message "data can bring code to run")) @finding
(call function: (attribute object: (identifier) @_module attribute: (identifier) @_name) arguments: (argument_list . (_) .)
  (#eq? @_module "yaml")
  (#eq? @_name "load")
  (#set! rule "unsafe-deserialization") (#set! severity "medium") (#set! kind "vulnerability")
  (#set! message "yaml.load without a safe loader")) @finding
(call function: (attribute object: (identifier) @_module attribute: (identifier) @_name)
  (#eq? @_module "hashlib")
  (#any-of? @_name "md5" "sha1")
  (#set! rule "weak-hash") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "MD5 or SHA-1")) @finding
(call arguments: (argument_list (keyword_argument name: (identifier) @_key value: (false)))
  (#eq? @_key "verify")
  (#set! rule "tls-verify-off") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "certificates are not checked")) @finding
(call function: (attribute attribute: (identifier) @_name) arguments: (argument_list . [(binary_operator left: (string)) (string (interpolation))])
  (#any-of? @_name "execute" "executemany" "raw" "executescript")
  (#set! rule "sql-injection") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "SQL put together from values")) @finding
(call function: (attribute object: (identifier) @_module attribute: (identifier) @_name)
  (#eq? @_module "tempfile")
  (#eq? @_name "mktemp")
  (#set! rule "insecure-temporary-file") (#set! severity "medium") (#set! kind "vulnerability")
  (#set! message "name of a temporary file can be taken by others")) @finding
(call arguments: (argument_list (keyword_argument name: (identifier) @_key value: (true)))
  (#eq? @_key "debug")
  (#set! rule "debug-on") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "debug mode")) @finding
(assignment left: [(identifier) @_name (attribute attribute: (identifier) @_name)] right: (string (string_content) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
(keyword_argument name: (identifier) @_name value: (string (string_content) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
(pair key: (string (string_content) @_name) value: (string (string_content) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
