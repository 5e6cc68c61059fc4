; Imports of Ruby. There is no export statement: what is public is in structure.scm.
(call !receiver method: (identifier) @import.kind arguments: (argument_list . (string (string_content) @import.module))
  (#any-of? @import.kind "require" "require_relative" "load")) @import
(call !receiver method: (identifier) @import.kind
  arguments: (argument_list . [(call) (identifier) (binary) (constant) (scope_resolution) (array)] @import.module)
  (#any-of? @import.kind "require" "require_relative" "load")) @import
(call !receiver method: (identifier) @import.kind arguments: (argument_list . (_) (string (string_content) @import.module))
  (#eq? @import.kind "autoload")) @import
