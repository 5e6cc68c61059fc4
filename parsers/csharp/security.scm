; Security findings of C#: vulnerability, hotspot (to be reviewed), secret.
(invocation_expression function: (member_access_expression expression: (identifier) @_object name: (identifier) @_name)
  (#eq? @_object "Process")
  (#eq? @_name "Start")
  (#set! rule "shell") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "runs a command")) @finding
(invocation_expression function: (member_access_expression expression: (identifier) @_object name: (identifier) @_name)
  (#any-of? @_object "MD5" "SHA1")
  (#eq? @_name "Create")
  (#set! rule "weak-hash") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "MD5 or SHA-1")) @finding
(object_creation_expression type: (identifier) @finding
  (#any-of? @finding "BinaryFormatter" "NetDataContractSerializer" "LosFormatter")
  (#set! rule "unsafe-deserialization") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "data can bring code to run"))
(object_creation_expression type: (identifier) @_name arguments: (argument_list . (argument [(interpolated_string_expression) (binary_expression left: (string_literal))]))
  (#match? @_name "Command$")
  (#set! rule "sql-injection") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "SQL put together from values")) @finding
(variable_declarator name: (identifier) @_name (string_literal (string_literal_content) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
