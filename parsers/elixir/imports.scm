; Imports of Elixir. There is no export statement: what is public is in structure.scm.
(call target: (identifier) @import.kind
  (arguments . [(alias) (identifier) (atom) (call) (unary_operator) (dot right: (alias))] @import.module)
  (#any-of? @import.kind "alias" "import" "require" "use")) @import
(call target: (identifier) @import.kind
  (arguments . (dot left: (_) @import.module right: (tuple (alias) @import.name)))
  (#any-of? @import.kind "alias" "import" "require" "use")) @import
(call target: (identifier) @_kind
  (arguments (keywords (pair key: (keyword) @_key value: (alias) @import.alias)))
  (#any-of? @_kind "alias" "require")
  (#match? @_key "^as:")) @import
