; Definitions of JavaScript: names, parameters, visibility, documentation, tests.
(function_declaration name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(method_definition name: (_) @name) @function
(function_expression) @function
(generator_function) @function
(arrow_function) @function
(function_expression name: (identifier) @name) @function
(generator_function name: (identifier) @name) @function
(variable_declarator name: (_) @name value: [(function_expression !name) (generator_function !name) (arrow_function)] @function)
(pair
  key: [(property_identifier) (number) (computed_property_name) (private_property_identifier)] @name
  value: [(function_expression !name) (generator_function !name) (arrow_function)] @function)
(pair
  key: (string (string_fragment) @name)
  value: [(function_expression !name) (generator_function !name) (arrow_function)] @function)
(assignment_expression left: (identifier) @name right: [(function_expression !name) (generator_function !name) (arrow_function)] @function)
(assignment_expression
  left: (member_expression property: (_) @name)
  right: [(function_expression !name) (generator_function !name) (arrow_function)] @function)
(field_definition property: (_) @name value: [(function_expression !name) (generator_function !name) (arrow_function)] @function)
(formal_parameters (_) @param)
(arrow_function parameter: (identifier) @param)

(class_declaration name: (identifier) @name) @class
(class) @class
(class name: (identifier) @name) @class
(variable_declarator name: (identifier) @name value: (class !name) @class)
(assignment_expression left: [(identifier) @name (member_expression property: (_) @name)] right: (class !name) @class)
(program (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name) @constant)
  (#match? @name "^[A-Z][A-Z0-9_]*$"))
(program (export_statement
  declaration: (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name) @constant))
  (#match? @name "^[A-Z][A-Z0-9_]*$"))
; Variables of the file that are no functions.
(program (lexical_declaration (variable_declarator name: (identifier) @name value: [(array) (assignment_expression) (await_expression) (binary_expression) (call_expression) (false) (identifier)
  (member_expression) (new_expression) (null) (number) (object) (parenthesized_expression) (regex) (string)
  (subscript_expression) (template_string) (ternary_expression) (true) (unary_expression) (undefined)]) @symbol.variable)
  (#not-match? @name "^[A-Z][A-Z0-9_]*$"))
(program (lexical_declaration (variable_declarator name: (identifier) @name !value) @symbol.variable)
  (#not-match? @name "^[A-Z][A-Z0-9_]*$"))
(program (variable_declaration (variable_declarator name: (identifier) @name value: [(array) (assignment_expression) (await_expression) (binary_expression) (call_expression) (false) (identifier)
  (member_expression) (new_expression) (null) (number) (object) (parenthesized_expression) (regex) (string)
  (subscript_expression) (template_string) (ternary_expression) (true) (unary_expression) (undefined)]) @symbol.variable))
(program (variable_declaration (variable_declarator name: (identifier) @name !value) @symbol.variable))
(program (export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name value: [(array) (assignment_expression) (await_expression) (binary_expression) (call_expression) (false) (identifier)
  (member_expression) (new_expression) (null) (number) (object) (parenthesized_expression) (regex) (string)
  (subscript_expression) (template_string) (ternary_expression) (true) (unary_expression) (undefined)]) @symbol.variable))
  (#not-match? @name "^[A-Z][A-Z0-9_]*$"))
(program (export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name !value) @symbol.variable))
  (#not-match? @name "^[A-Z][A-Z0-9_]*$"))
(program (export_statement declaration: (variable_declaration (variable_declarator name: (identifier) @name value: [(array) (assignment_expression) (await_expression) (binary_expression) (call_expression) (false) (identifier)
  (member_expression) (new_expression) (null) (number) (object) (parenthesized_expression) (regex) (string)
  (subscript_expression) (template_string) (ternary_expression) (true) (unary_expression) (undefined)]) @symbol.variable)))
(program (export_statement declaration: (variable_declaration (variable_declarator name: (identifier) @name !value) @symbol.variable)))
(field_definition property: (_) @name value: [(array) (assignment_expression) (await_expression) (binary_expression) (call_expression) (false) (identifier)
  (member_expression) (new_expression) (null) (number) (object) (parenthesized_expression) (regex) (string)
  (subscript_expression) (template_string) (ternary_expression) (true) (unary_expression) (undefined)]) @symbol.field
(field_definition property: (_) @name !value) @symbol.field

; Public is what an export names.
(export_statement declaration: (_) @public)
(export_statement declaration: (lexical_declaration (variable_declarator) @public))
(export_statement declaration: (lexical_declaration (variable_declarator value: (_) @public)))
(export_statement declaration: (variable_declaration (variable_declarator value: (_) @public)))
(export_statement value: (_) @public)
(export_statement value: (identifier) @public.name)
(export_statement !source (export_clause (export_specifier name: (identifier) @public.name)))
(assignment_expression
  left: (member_expression object: (identifier) @_object property: (property_identifier) @_property)
  right: (_) @public
  (#eq? @_object "module")
  (#eq? @_property "exports"))
(assignment_expression
  left: (member_expression object: (identifier) @_object property: (property_identifier) @_property)
  right: (identifier) @public.name
  (#eq? @_object "module")
  (#eq? @_property "exports"))
(assignment_expression
  left: (member_expression object: (identifier) @_object property: (property_identifier) @_property)
  right: (object [(shorthand_property_identifier) @public.name (pair value: (identifier) @public.name)])
  (#eq? @_object "module")
  (#eq? @_property "exports"))
(assignment_expression
  left: (member_expression object: (identifier) @_object property: (property_identifier) @_property)
  right: (object [(pair value: (_) @public) (method_definition) @public])
  (#eq? @_object "module")
  (#eq? @_property "exports"))
(assignment_expression
  left: (member_expression object: (identifier) @_object)
  right: (_) @public
  (#eq? @_object "exports"))
(assignment_expression
  left: (member_expression object: (identifier) @_object)
  right: (identifier) @public.name
  (#eq? @_object "exports"))
(assignment_expression
  left: (member_expression object: (member_expression) @_object)
  right: (_) @public
  (#eq? @_object "module.exports"))

((comment) @doc (#match? @doc "^/\\*\\*[^/]"))
(decorator) @transparent
(call_expression function: (identifier) @_name arguments: (arguments . [(string) (template_string)])
  (#any-of? @_name "it" "test" "describe")) @test
(call_expression
  function: (member_expression object: (identifier) @_name property: (property_identifier) @_property)
  arguments: (arguments . [(string) (template_string)])
  (#any-of? @_name "it" "test" "describe")
  (#any-of? @_property "only" "skip" "concurrent" "failing")) @test
(call_expression
  function: (call_expression
    function: (member_expression object: (identifier) @_name property: (property_identifier) @_property))
  arguments: (arguments . [(string) (template_string)])
  (#any-of? @_name "it" "test" "describe")
  (#eq? @_property "each")) @test
