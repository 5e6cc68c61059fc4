; Definitions of C#: names, parameters, visibility, documentation, tests.
(method_declaration name: (identifier) @name) @function
(constructor_declaration name: (identifier) @name) @function
(destructor_declaration name: (identifier) @name) @function
(local_function_statement name: (identifier) @name) @function
(accessor_declaration name: _ @name) @function
(operator_declaration operator: _ @name) @function
(conversion_operator_declaration type: (_) @name) @function
(property_declaration name: (identifier) @name value: (arrow_expression_clause)) @function
(lambda_expression) @lambda
(anonymous_method_expression) @lambda
(parameter_list (parameter) @param)
(parameter_list name: (identifier) @param)
(lambda_expression parameters: (implicit_parameter) @param)

(class_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name
  (#not-match? @class "^(\\[[^]]*\\][[:space:]]*)*[a-z[:space:]]*record[[:space:]]+struct[[:space:]]")) @class
(record_declaration "struct" name: (identifier) @name) @struct
(struct_declaration name: (identifier) @name) @struct
(interface_declaration name: (identifier) @name) @interface
(enum_declaration name: (identifier) @name) @enum
(namespace_declaration name: (_) @name) @module
(file_scoped_namespace_declaration name: (_) @name) @module
(delegate_declaration name: (identifier) @name) @type_alias

(field_declaration (modifier) @_modifier (variable_declaration (variable_declarator name: (identifier) @name) @constant)
  (#eq? @_modifier "const"))
((field_declaration (variable_declaration (variable_declarator name: (identifier) @name @symbol.field))) @_field
  (#not-match? @_field "^([^=;]*[[:space:]])?const[[:space:]]"))
(property_declaration name: (identifier) @name accessors: (_)) @symbol.property
(event_field_declaration (variable_declaration (variable_declarator name: (identifier) @name @symbol.event)))
(event_declaration name: (identifier) @name) @symbol.event
(enum_member_declaration name: (identifier) @name) @symbol.enum_member

; The modifier public; members of interfaces are public by themselves.
(method_declaration (modifier) @_modifier (#eq? @_modifier "public")) @public
(constructor_declaration (modifier) @_modifier (#eq? @_modifier "public")) @public
(operator_declaration (modifier) @_modifier (#eq? @_modifier "public")) @public
(conversion_operator_declaration (modifier) @_modifier (#eq? @_modifier "public")) @public
(property_declaration (modifier) @_modifier (#eq? @_modifier "public")) @public
(namespace_declaration) @public
(file_scoped_namespace_declaration) @public
(class_declaration (modifier) @_modifier (#eq? @_modifier "public")) @public
(record_declaration (modifier) @_modifier (#eq? @_modifier "public")) @public
(struct_declaration (modifier) @_modifier (#eq? @_modifier "public")) @public
(interface_declaration (modifier) @_modifier (#eq? @_modifier "public")) @public
(enum_declaration (modifier) @_modifier (#eq? @_modifier "public")) @public
(delegate_declaration (modifier) @_modifier (#eq? @_modifier "public")) @public
(field_declaration (modifier) @_modifier (variable_declaration (variable_declarator) @public) (#eq? @_modifier "public"))
(interface_declaration body: (declaration_list (method_declaration) @public))
(interface_declaration body: (declaration_list (property_declaration) @public))

((comment) @doc (#match? @doc "^(///|/\\*\\*[^/])"))
(method_declaration (attribute_list (attribute name: (_) @_name))
  (#match? @_name "(^|[.])(Fact|Theory|Test|TestCase|TestMethod|DataTestMethod)(Attribute)?$")) @test
