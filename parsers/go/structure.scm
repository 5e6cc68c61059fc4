; Definitions of Go: names, parameters, visibility, documentation, tests.
(function_declaration name: (identifier) @name) @function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @scope
    (generic_type type: (type_identifier) @scope)
    (pointer_type (type_identifier) @scope)
    (pointer_type (generic_type type: (type_identifier) @scope))]))
  name: (field_identifier) @name) @function
(method_declaration) @method
(func_literal) @lambda
(var_spec name: (identifier) @name value: (expression_list . (func_literal) @lambda .))
(function_declaration parameters: (parameter_list (parameter_declaration name: (identifier) @param)))
(function_declaration parameters: (parameter_list (parameter_declaration !name) @param))
(function_declaration parameters: (parameter_list (variadic_parameter_declaration) @param))
(method_declaration parameters: (parameter_list (parameter_declaration name: (identifier) @param)))
(method_declaration parameters: (parameter_list (parameter_declaration !name) @param))
(method_declaration parameters: (parameter_list (variadic_parameter_declaration) @param))

(type_spec name: (type_identifier) @name type: (struct_type)) @struct
(type_spec name: (type_identifier) @name type: (interface_type)) @interface
(type_spec
  name: (type_identifier) @name
  type: [(type_identifier) (pointer_type) (slice_type) (map_type) (function_type) (array_type) (channel_type) (generic_type)
    (qualified_type)]) @type_alias
(type_alias name: (type_identifier) @name) @type_alias
(const_spec name: (identifier) @name @constant)

(package_clause (package_identifier) @name) @symbol.package
(source_file (var_declaration (var_spec name: (identifier) @name @symbol.variable)))
(source_file (var_declaration (var_spec_list (var_spec name: (identifier) @name @symbol.variable))))
(field_declaration name: (field_identifier) @name @symbol.field)
(method_elem name: (field_identifier) @name) @symbol.method

; The Go specification, exported identifiers: the first character is an upper case letter.
(function_declaration name: (identifier) @_name (#match? @_name "^[A-Z]")) @public
(method_declaration name: (field_identifier) @_name (#match? @_name "^[A-Z]")) @public
(type_spec name: (type_identifier) @_name (#match? @_name "^[A-Z]")) @public
(type_alias name: (type_identifier) @_name (#match? @_name "^[A-Z]")) @public
(const_spec name: (identifier) @public (#match? @public "^[A-Z]"))

(comment) @doc.adjacent
(function_declaration
  name: (identifier) @_name
  parameters: (parameter_list (parameter_declaration type: (pointer_type) @_type))
  (#match? @_name "^(Test|Benchmark|Fuzz)")
  (#any-of? @_type "*testing.T" "*testing.B" "*testing.F")) @test
