; Imports of Java. There is no export statement: what is public is in structure.scm.
(import_declaration [(identifier) (scoped_identifier)] @import.module .) @import
(import_declaration [(identifier) (scoped_identifier)] @import.module (asterisk) @import.wildcard) @import
(import_declaration "static" @import.kind) @import
