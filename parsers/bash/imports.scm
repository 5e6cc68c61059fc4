; Files that a shell script reads in.
(command name: (command_name (word) @import.kind) argument: [(word) (concatenation) (simple_expansion) (expansion)] @import.module
  (#any-of? @import.kind "source" ".")) @import
(command name: (command_name (word) @import.kind) argument: (string) @import.module
  (#any-of? @import.kind "source" ".")) @import
(command name: (command_name (word) @import.kind) argument: (raw_string) @import.module
  (#any-of? @import.kind "source" ".")) @import
