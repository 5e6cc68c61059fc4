; Imports and exports of TypeScript.
(import_statement source: (string (string_fragment) @import.module)) @import
(import_statement (import_clause (identifier) @import.name)) @import
(import_statement (import_clause (named_imports (import_specifier name: _ @import.name)))) @import
(import_statement (import_clause (namespace_import (identifier) @import.alias))) @import
(import_statement (import_clause (namespace_import "*" @import.wildcard))) @import
(import_statement (import_require_clause (identifier) @import.name source: (string (string_fragment) @import.module))) @import
(import_statement "type" @import.kind) @import
(call_expression function: (import) @import.kind arguments: (arguments . (string (string_fragment) @import.module))) @import
(call_expression function: (import) @import.kind arguments: (arguments . [(identifier) (binary_expression) (template_string)
  (call_expression) (member_expression) (await_expression) (ternary_expression)] @import.module)) @import
(call_expression function: (identifier) @import.kind arguments: (arguments . (string (string_fragment) @import.module))
  (#eq? @import.kind "require")) @import
(call_expression function: (identifier) @import.kind arguments: (arguments . [(identifier) (binary_expression) (template_string)
  (call_expression) (member_expression) (ternary_expression)] @import.module)
  (#eq? @import.kind "require")) @import
(export_statement source: (string (string_fragment) @import.module)) @import
(export_statement "export" @import.kind source: (_)) @import
(export_statement "*" @import.wildcard source: (_)) @import
(export_statement (export_clause (export_specifier name: _ @import.name)) source: (_)) @import

(export_statement) @export
(export_statement declaration: (_ name: (_) @name)
  (#not-match? @export "^(@[^;{]*)?export[[:space:]]+default[[:space:]]")) @export
(export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name))) @export
(export_statement declaration: (variable_declaration (variable_declarator name: (identifier) @name))) @export
(export_statement "default" @name) @export
(export_statement (export_clause (export_specifier !alias name: (_) @name))) @export
(export_statement (export_clause (export_specifier alias: (_) @name))) @export
(export_statement "namespace" (identifier) @name) @export
(export_statement (namespace_export (_) @name)) @export
(export_statement "*" @name) @export
(assignment_expression
  left: (member_expression object: (identifier) @_object property: (property_identifier) @_property) @name
  (#eq? @_object "module")
  (#eq? @_property "exports")) @export
(assignment_expression
  left: (member_expression object: (identifier) @_object property: (property_identifier) @name)
  (#eq? @_object "exports")) @export
(assignment_expression
  left: (member_expression object: (member_expression) @_object property: (property_identifier) @name)
  (#eq? @_object "module.exports")) @export
