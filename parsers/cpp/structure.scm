; Definitions of C++: names, parameters, visibility, documentation, tests.
((translation_unit) @file (#set! separator "::"))
(function_definition declarator: [
  (function_declarator) (pointer_declarator) (reference_declarator) (parenthesized_declarator) (attributed_declarator)
  (array_declarator)] @name.declarator) @function
; A macro behind the parameters (noexcept by another name) is taken for the declarator, and the real one for an error.
(function_definition (ERROR (function_declarator) @name.declarator)) @function
(function_definition) @function
(function_definition declarator: (operator_cast) @name) @function
(lambda_expression) @lambda
(parameter_list (parameter_declaration) @param (#not-eq? @param "void"))
(parameter_list (optional_parameter_declaration) @param)
(parameter_list (variadic_parameter_declaration) @param)

(class_specifier name: (_) @name body: (_)) @class
(class_specifier body: (_)) @class
(struct_specifier name: (_) @name body: (_)) @struct
(struct_specifier body: (_)) @struct
(union_specifier name: (_) @name body: (_)) @struct
(union_specifier body: (_)) @struct
(enum_specifier name: (_) @name body: (_)) @enum
(enum_specifier body: (_)) @enum
(namespace_definition name: (_) @name) @module
(namespace_definition) @module
(type_definition declarator: (_) @name.declarator) @type_alias
(alias_declaration name: (type_identifier) @name) @type_alias
(concept_definition name: (identifier) @name) @symbol.concept
(preproc_def name: (identifier) @name) @macro
(preproc_function_def name: (identifier) @name) @macro
(translation_unit (declaration
  (type_qualifier) @_qualifier
  declarator: (init_declarator declarator: (_) @name.declarator) @constant)
  (#any-of? @_qualifier "const" "constexpr" "constinit"))
(declaration_list (declaration
  (type_qualifier) @_qualifier
  declarator: (init_declarator declarator: (_) @name.declarator) @constant)
  (#any-of? @_qualifier "const" "constexpr" "constinit"))
(preproc_ifdef (declaration
  (type_qualifier) @_qualifier
  declarator: (init_declarator declarator: (_) @name.declarator) @constant)
  (#any-of? @_qualifier "const" "constexpr" "constinit"))
(field_declaration
  (storage_class_specifier) @_storage
  (type_qualifier) @_qualifier
  declarator: (field_identifier) @name @constant
  (#eq? @_storage "static")
  (#any-of? @_qualifier "const" "constexpr"))
(enumerator name: (identifier) @name) @symbol.enum_member
((field_declaration declarator: (field_identifier) @name @symbol.field) @_field
  (#not-match? @_field "^static[[:space:]]+const(expr)?[[:space:]]"))
(field_declaration declarator: (pointer_declarator declarator: (field_identifier) @name @symbol.field))
(field_declaration declarator: (array_declarator declarator: (field_identifier) @name @symbol.field))
(field_declaration declarator: (reference_declarator (field_identifier) @name @symbol.field))
(field_declaration declarator: (function_declarator declarator: (_) @name)) @symbol.prototype
(declaration declarator: (function_declarator declarator: (_) @name)) @symbol.prototype
(declaration declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name))) @symbol.prototype

; Private is what has internal linkage or what the class says; members of a class are private at first.
(function_definition (storage_class_specifier) @_storage (#eq? @_storage "static")) @private
(class_specifier body: (field_declaration_list (access_specifier) @private.rest (#not-eq? @private.rest "public")))
(class_specifier body: (field_declaration_list (access_specifier) @public.rest (#eq? @public.rest "public")))
(struct_specifier body: (field_declaration_list (access_specifier) @private.rest (#not-eq? @private.rest "public")))
(struct_specifier body: (field_declaration_list (access_specifier) @public.rest (#eq? @public.rest "public")))
(class_specifier body: (field_declaration_list "{" @private.rest))

((comment) @doc (#match? @doc "^(/\\*[*!]|//[/!])"))
(function_definition declarator: (function_declarator declarator: (identifier) @_name)
  (#any-of? @_name "TEST" "TEST_F" "TEST_P" "TYPED_TEST" "TYPED_TEST_P" "BOOST_AUTO_TEST_CASE" "BOOST_FIXTURE_TEST_CASE")) @test
(function_definition declarator: (function_declarator declarator: (identifier) @_name) (#match? @_name "^test_")) @test
(expression_statement (call_expression function: (identifier) @_name) (#any-of? @_name "TEST_CASE" "SCENARIO" "TEST_CASE_METHOD")) @test
