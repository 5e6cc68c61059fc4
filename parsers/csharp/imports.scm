; Imports of C#. There is no export statement: what is public is in structure.scm.
(using_directive !name [(identifier) (qualified_name) (alias_qualified_name) (generic_name)] @import.module) @import
(using_directive name: (identifier) @import.alias (type) @import.module) @import
(using_directive "static" @import.kind) @import
