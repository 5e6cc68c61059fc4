; Security findings of shell scripts: vulnerability, hotspot (to be reviewed), secret.
(command name: (command_name (word) @_name)
  (#eq? @_name "eval")
  (#set! rule "eval") (#set! severity "medium") (#set! kind "hotspot")
  (#set! message "runs text as code")) @finding
(pipeline (command name: (command_name (word) @_from)) (command name: (command_name (word) @_to))
  (#any-of? @_from "curl" "wget")
  (#any-of? @_to "sh" "bash" "sudo" "python" "python3")
  (#set! rule "pipe-to-shell") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "runs what was downloaded")) @finding
(command name: (command_name (word) @_name) argument: (word) @_option
  (#eq? @_name "curl")
  (#any-of? @_option "-k" "--insecure")
  (#set! rule "tls-verify-off") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "certificates are not checked")) @finding
(command name: (command_name (word) @_name) argument: (word) @_option
  (#eq? @_name "wget")
  (#eq? @_option "--no-check-certificate")
  (#set! rule "tls-verify-off") (#set! severity "high") (#set! kind "vulnerability")
  (#set! message "certificates are not checked")) @finding
(command name: (command_name (word) @_name) argument: [(word) (number)] @_mode
  (#eq? @_name "chmod")
  (#match? @_mode "^0?(777|666)$|^[ao]+[+]w")
  (#set! rule "world-writable") (#set! severity "medium") (#set! kind "vulnerability")
  (#set! message "anybody may write")) @finding
(variable_assignment name: (variable_name) @_name value: [(raw_string) (string) (word)] @_value
  (#match? @_name "(passw(or)?d|PASSW(OR)?D|[pP]assw(or)?d|secret|SECRET|Secret|api_?key|API_?KEY|[aA]piKey|access_?key|ACCESS_?KEY|[aA]ccessKey|auth_?token|AUTH_?TOKEN|[aA]uthToken|private_?key|PRIVATE_?KEY|[pP]rivateKey)$")
  (#match? @_value "........")
  (#not-match? @_value "(^[-$<{%@:]|[[:space:]]|[eE]xample|[cC]hange|[yY]our|xxx|XXX|[*][*][*]|[.][.][.])")
  (#set! rule "hardcoded-secret") (#set! severity "high") (#set! kind "secret")
  (#set! message "credential in the source")) @finding
