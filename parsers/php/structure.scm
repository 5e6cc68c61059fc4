; Definitions of PHP: names, parameters, visibility, documentation, tests.
((program) @file (#set! separator "::"))
(function_definition name: (name) @name) @function
(method_declaration name: (name) @name) @function
(anonymous_function) @lambda
(arrow_function) @lambda
(formal_parameters (simple_parameter) @param)
(formal_parameters (variadic_parameter) @param)
(formal_parameters (property_promotion_parameter) @param)

(class_declaration name: (name) @name) @class
(anonymous_class) @class
(interface_declaration name: (name) @name) @interface
(trait_declaration name: (name) @name) @trait
(enum_declaration name: (name) @name) @enum
(namespace_definition name: (namespace_name) @name) @module
(const_declaration (const_element (name) @name) @constant)
(function_call_expression function: (name) @_name arguments: (arguments . (argument (string (string_content) @name)))
  (#eq? @_name "define")) @constant
(property_element name: (variable_name (name) @name)) @symbol.property
(property_promotion_parameter name: (variable_name (name) @name)) @symbol.property
(enum_case name: (name) @name) @symbol.enum_member

; Everything is public but what says otherwise.
(method_declaration (visibility_modifier) @_visibility (#not-eq? @_visibility "public")) @private
(const_declaration (visibility_modifier) @_visibility (const_element) @private (#not-eq? @_visibility "public"))
(anonymous_class) @private

((comment) @doc (#match? @doc "^/\\*\\*[^/]"))
(method_declaration name: (name) @_name (#match? @_name "^test")) @test
(method_declaration attributes: (attribute_list (attribute_group (attribute (_) @_name)))
  (#match? @_name "(^|[\\])Test$")) @test
