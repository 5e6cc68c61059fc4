; Security findings of Java: vulnerability, hotspot (to be reviewed), secret.
(method_invocation object: (method_invocation name: (identifier) @_get) name: (identifier) @_name
  (#eq? @_get "getRuntime")
  (#eq? @_name "exec")
  (#set! rule "shell") (#set! severity "medium") (#set! kind "hotspot")
  (#set! message "runs a command")) @finding
(method_invocation name: (identifier) @_name arguments: (argument_list . (string_literal (string_fragment) @_value))
  (#eq? @_name "getInstance")
  (#any-of? @_value "MD5" "SHA-1" "SHA1" "DES" "RC4")
  (#set! rule "weak-hash") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "weak digest or cipher")) @finding
(method_invocation name: (identifier) @_name arguments: (argument_list . (binary_expression left: (string_literal)))
  (#any-of? @_name "executeQuery" "executeUpdate" "execute" "prepareStatement" "createQuery" "createNativeQuery")
  (#set! rule "sql-injection") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "SQL put together from values")) @finding
(object_creation_expression type: (type_identifier) @finding
  (#eq? @finding "ObjectInputStream")
  (#set! rule "unsafe-deserialization") (#set! severity "medium") (#set! kind "hotspot")
  (#set! message "data can bring code to run"))
(variable_declarator name: (identifier) @_name value: (string_literal (string_fragment) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
(assignment_expression left: [(identifier) @_name (field_access field: (identifier) @_name)] right: (string_literal (string_fragment) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
