; Imports of Go. There is no export statement: what is public is in structure.scm.
(import_spec !name path: [
  (interpreted_string_literal (interpreted_string_literal_content) @import.module)
  (raw_string_literal (raw_string_literal_content) @import.module)]) @import
(import_spec
  name: [(package_identifier) (blank_identifier)] @import.alias
  path: [
    (interpreted_string_literal (interpreted_string_literal_content) @import.module)
    (raw_string_literal (raw_string_literal_content) @import.module)]) @import
(import_spec
  name: (dot) @import.wildcard
  path: [
    (interpreted_string_literal (interpreted_string_literal_content) @import.module)
    (raw_string_literal (raw_string_literal_content) @import.module)]) @import
