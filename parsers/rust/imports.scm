; Imports of Rust. There is no export statement but `pub use`.
(use_declaration) @import
(use_declaration argument: [(identifier) (scoped_identifier) (crate) (self) (super)] @import.module) @import
(use_declaration argument: (use_as_clause path: (_) @import.module alias: (identifier) @import.alias)) @import
(use_declaration argument: (use_wildcard (_) @import.module) @import.wildcard) @import
(use_declaration argument: (scoped_use_list path: (_) @import.module)) @import
(use_declaration argument: (scoped_use_list list: (use_list [(identifier) (scoped_identifier) (self)] @import.name))) @import
(use_declaration argument: (scoped_use_list list: (use_list
  (use_as_clause path: (_) @import.name alias: (identifier) @import.alias)))) @import
(use_declaration argument: (scoped_use_list list: (use_list (use_wildcard) @import.wildcard))) @import
(use_declaration argument: (scoped_use_list list: (use_list (scoped_use_list) @import.name))) @import
(use_declaration argument: (use_list [(identifier) (scoped_identifier) (scoped_use_list path: (_))] @import.module)) @import
(use_declaration "use" @import.kind) @import
(extern_crate_declaration name: (identifier) @import.module (#set! kind "extern crate")) @import
(extern_crate_declaration alias: (identifier) @import.alias) @import
(mod_item name: (identifier) @import.module !body (#set! kind "mod")) @import

((use_declaration (visibility_modifier) @_visibility argument: [
  (identifier) @name
  (scoped_identifier name: (identifier) @name)
  (use_as_clause alias: (identifier) @name)
  (scoped_use_list list: (use_list [(identifier) @name (use_as_clause alias: (identifier) @name)]))
  (use_wildcard) @name]) @export
  (#eq? @_visibility "pub"))
