; Security findings of PHP: vulnerability, hotspot (to be reviewed), secret.
(function_call_expression function: (name) @finding
  (#any-of? @finding "eval" "create_function")
  (#set! rule "eval") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "runs text as code"))
(function_call_expression function: (name) @_name arguments: (arguments . (argument [(variable_name) (binary_expression) (encapsed_string)]))
  (#any-of? @_name "exec" "shell_exec" "system" "passthru" "popen" "proc_open")
  (#set! rule "shell") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "command line put together from values")) @finding
(function_call_expression function: (name) @finding
  (#eq? @finding "unserialize")
  (#set! rule "unsafe-deserialization") (#set! severity "medium") (#set! kind "vulnerability")
  (#set! message "data can bring code to run"))
(function_call_expression function: (name) @finding
  (#any-of? @finding "md5" "sha1")
  (#set! rule "weak-hash") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "MD5 or SHA-1"))
(function_call_expression function: (name) @finding
  (#any-of? @finding "rand" "mt_rand")
  (#set! rule "weak-random") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "not random enough for secrets"))
(function_call_expression function: (name) @_name arguments: (arguments (argument [(binary_expression left: (string)) (encapsed_string (variable_name))]))
  (#any-of? @_name "mysql_query" "mysqli_query" "pg_query")
  (#set! rule "sql-injection") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "SQL put together from values")) @finding
(member_call_expression name: (name) @_name arguments: (arguments . (argument [(binary_expression left: (string)) (encapsed_string (variable_name))]))
  (#any-of? @_name "query" "exec" "prepare")
  (#set! rule "sql-injection") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "SQL put together from values")) @finding
(echo_statement (subscript_expression (variable_name) @_name)
  (#any-of? @_name "$_GET" "$_POST" "$_REQUEST" "$_COOKIE")
  (#set! rule "xss") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "request text becomes HTML")) @finding
(assignment_expression left: [(variable_name (name) @_name) (member_access_expression name: (name) @_name)] right: [(string (string_content) @_value) (encapsed_string (string_content) @_value)]
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
(property_element name: (variable_name (name) @_name) default_value: (string (string_content) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
(const_element (name) @_name (string (string_content) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
