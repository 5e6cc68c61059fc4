; Imports of Python, and its only explicit export, __all__.
(import_statement name: (dotted_name) @import.module) @import
(import_statement name: (aliased_import name: (dotted_name) @import.module alias: (identifier) @import.alias)) @import
(import_from_statement module_name: [(dotted_name) (relative_import)] @import.module) @import
(import_from_statement name: (dotted_name) @import.name) @import
(import_from_statement name: (aliased_import name: (dotted_name) @import.name alias: (identifier) @import.alias)) @import
(import_from_statement (wildcard_import) @import.wildcard) @import
(import_from_statement "from" @import.kind) @import
(future_import_statement "__future__" @import.module) @import
(future_import_statement "from" @import.kind) @import
(future_import_statement name: (dotted_name) @import.name) @import
(call
  function: [(identifier) @_name (attribute attribute: (identifier) @_name)]
  arguments: (argument_list . (string (string_content) @import.module))
  (#any-of? @_name "__import__" "import_module")
  (#set! kind "dynamic")) @import
(module (expression_statement (assignment
  left: (identifier) @_all
  right: [(list (string (string_content) @name) @export) (tuple (string (string_content) @name) @export)]))
  (#eq? @_all "__all__"))
