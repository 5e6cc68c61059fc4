; Definitions of Java: names, parameters, visibility, documentation, tests.
(method_declaration name: (identifier) @name) @function
(constructor_declaration name: (identifier) @name) @function
(compact_constructor_declaration name: (identifier) @name) @function
(lambda_expression) @lambda
(formal_parameters (formal_parameter) @param)
(formal_parameters (spread_parameter) @param)
(lambda_expression parameters: (identifier) @param)
(inferred_parameters (identifier) @param)

(class_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @interface
(annotation_type_declaration name: (identifier) @name) @interface
(enum_declaration name: (identifier) @name) @enum
(package_declaration [(identifier) (scoped_identifier)] @name) @symbol.package
(module_declaration name: (_) @name) @symbol.module

(constant_declaration declarator: (variable_declarator name: (identifier) @name) @constant)
(field_declaration (modifiers) @_modifiers declarator: (variable_declarator name: (identifier) @name) @constant
  (#match? @_modifiers "(static[[:space:]]([^@]*[[:space:]])?final|final[[:space:]]([^@]*[[:space:]])?static)"))
(field_declaration (modifiers) @_modifiers declarator: (variable_declarator name: (identifier) @name @symbol.field)
  (#not-match? @_modifiers "(static[[:space:]]([^@]*[[:space:]])?final|final[[:space:]]([^@]*[[:space:]])?static)"))
(field_declaration . type: (_) declarator: (variable_declarator name: (identifier) @name @symbol.field))
(enum_constant name: (identifier) @name) @symbol.enum_member
(annotation_type_element_declaration name: (identifier) @name) @symbol.method

; Java Language Specification 6.6: the modifier public; 9.3, 9.4: members of interfaces are public by themselves.
(class_declaration (modifiers "public")) @public
(record_declaration (modifiers "public")) @public
(interface_declaration (modifiers "public")) @public
(annotation_type_declaration (modifiers "public")) @public
(enum_declaration (modifiers "public")) @public
(method_declaration (modifiers "public")) @public
(constructor_declaration (modifiers "public")) @public
(compact_constructor_declaration (modifiers "public")) @public
(field_declaration (modifiers "public") declarator: (variable_declarator) @public)
(interface_body (method_declaration) @public)
(interface_body (constant_declaration declarator: (variable_declarator) @public))
(interface_body (class_declaration) @public)
(interface_body (interface_declaration) @public)
(interface_body (enum_declaration) @public)
(interface_body (record_declaration) @public)

((block_comment) @doc (#match? @doc "^/\\*\\*[^/]"))
(method_declaration (modifiers [(marker_annotation name: (_) @_name) (annotation name: (_) @_name)])
  (#match? @_name "(^|[.])(Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate)$")) @test
