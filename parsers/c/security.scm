; Security findings of C: vulnerability, hotspot (to be reviewed), secret.
(call_expression function: (identifier) @finding
  (#any-of? @finding "gets" "strcpy" "strcat" "sprintf" "vsprintf" "stpcpy" "wcscpy" "wcscat")
  (#set! rule "unbounded-copy") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "writes without a bound"))
(call_expression function: (identifier) @finding
  (#any-of? @finding "system" "popen")
  (#set! rule "shell") (#set! severity "medium") (#set! kind "vulnerability")
  (#set! message "runs a shell"))
(call_expression function: (identifier) @finding
  (#any-of? @finding "tmpnam" "mktemp" "tempnam")
  (#set! rule "insecure-temporary-file") (#set! severity "medium") (#set! kind "vulnerability")
  (#set! message "name of a temporary file can be taken by others"))
(call_expression function: (identifier) @_name arguments: (argument_list . (identifier) .)
  (#any-of? @_name "printf" "syslog" "vprintf")
  (#set! rule "format-string") (#set! severity "medium") (#set! kind "vulnerability")
  (#set! message "format is not a literal")) @finding
(call_expression function: (identifier) @finding
  (#any-of? @finding "alloca")
  (#set! rule "alloca") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "stack grows without a check"))
(call_expression function: (identifier) @finding
  (#any-of? @finding "rand" "random" "drand48")
  (#set! rule "weak-random") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "not random enough for secrets"))
(call_expression function: (identifier) @finding
  (#any-of? @finding "MD5" "SHA1" "MD5_Init" "SHA1_Init" "EVP_md5" "EVP_sha1")
  (#set! rule "weak-hash") (#set! severity "low") (#set! kind "hotspot")
  (#set! message "MD5 or SHA-1"))
(init_declarator declarator: [(identifier) @_name (pointer_declarator declarator: (identifier) @_name) (array_declarator declarator: (identifier) @_name)] value: (string_literal (string_content) @_value)
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
