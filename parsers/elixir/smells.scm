; Code smells of Elixir, with the minutes that their repair takes; strings that should not be repeated.
(call target: (dot left: (alias) @_module right: (identifier) @_name)
  (#eq? @_module "IO")
  (#eq? @_name "inspect")
  (#set! rule "debug-print") (#set! minutes "5") (#set! message "left from debugging")) @smell
(call target: (dot left: (alias) @_module right: (identifier) @_name)
  (#eq? @_module "IEx")
  (#eq? @_name "pry")
  (#set! rule "debugger") (#set! minutes "5") (#set! message "left from debugging")) @smell
(call target: (identifier) @_keyword (do_block (else_block))
  (#eq? @_keyword "unless")
  (#set! rule "unless-else") (#set! minutes "5") (#set! message "say it with if")) @smell
(string) @string
