; Includes and using declarations of C++.
(preproc_include path: (string_literal (string_content) @import.module) (#set! kind "include")) @import
(preproc_include path: (system_lib_string) @import.module (#set! kind "system")) @import
(preproc_include path: [(identifier) (call_expression)] @import.module (#set! kind "include")) @import
(using_declaration [(identifier) (qualified_identifier)] @import.module) @import
(using_declaration "using" @import.kind) @import
