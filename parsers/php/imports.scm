; Imports of PHP. There is no export statement: what is public is in structure.scm.
(namespace_use_declaration
  !body
  (namespace_use_clause . [(qualified_name) (name)] @import.module) @import)
(namespace_use_clause alias: (name) @import.alias) @import
(namespace_use_clause type: _ @import.kind) @import
(namespace_use_declaration
  (namespace_name) @import.module
  body: (namespace_use_group (namespace_use_clause . [(qualified_name) (name)] @import.name) @import))
(include_expression "include" @import.kind (_) @import.module) @import
(include_once_expression "include_once" @import.kind (_) @import.module) @import
(require_expression "require" @import.kind (_) @import.module) @import
(require_once_expression "require_once" @import.kind (_) @import.module) @import
