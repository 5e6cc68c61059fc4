; Files that a Nix expression reads in: import, callPackage, and paths in a list named imports.
(apply_expression function: (variable_expression name: (identifier) @import.kind) argument: (_) @import.module
  (#any-of? @import.kind "import" "callPackage")) @import
(apply_expression function: (select_expression attrpath: (attrpath attr: (identifier) @import.kind .)) argument: (_) @import.module
  (#any-of? @import.kind "import" "callPackage")) @import
(binding
  attrpath: (attrpath . attr: (identifier) @_name .)
  expression: (list_expression element: [(path_expression) (spath_expression) (hpath_expression)] @import @import.module)
  (#eq? @_name "imports"))
