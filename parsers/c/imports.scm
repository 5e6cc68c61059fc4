; Includes of C: <of the system>, "of the project". There is no export statement.
(preproc_include path: (system_lib_string) @import.module (#set! kind "system")) @import
(preproc_include path: [(string_literal) (identifier) (call_expression)] @import.module (#set! kind "include")) @import
