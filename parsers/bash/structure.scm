; Definitions of shell scripts: functions, constants, documentation, tests.
(function_definition name: (word) @name) @function
(declaration_command "readonly" (variable_assignment name: (variable_name) @name) @constant)
(declaration_command ["declare" "typeset"] (word) @_option (variable_assignment name: (variable_name) @name) @constant
  (#match? @_option "^-[a-zA-Z]*r"))
(program (variable_assignment name: (variable_name) @name) @symbol.variable)
(program (declaration_command "export" (variable_assignment name: (variable_name) @name) @symbol.variable))

; Functions are public; by custom a name that begins with an underscore is for the file itself.
(function_definition name: (word) @_name (#match? @_name "^_")) @private
(declaration_command (variable_assignment) @private)

((comment) @doc.adjacent (#not-match? @doc.adjacent "^#!"))
(command name: (command_name (word) @_name) argument: [(string) (raw_string)] (#eq? @_name "@test")) @test
