; Definitions of C: names, parameters, visibility, documentation, tests.
(function_definition declarator: (_) @name.declarator) @function
(function_definition declarator: (function_declarator parameters: (parameter_list (parameter_declaration) @param))
  (#not-eq? @param "void"))
(function_definition declarator: (function_declarator parameters: (parameter_list (variadic_parameter) @param)))
(function_definition
  declarator: (pointer_declarator declarator: (function_declarator parameters: (parameter_list (parameter_declaration) @param)))
  (#not-eq? @param "void"))
(function_definition
  declarator: (pointer_declarator declarator: (function_declarator parameters: (parameter_list (variadic_parameter) @param))))
(function_definition
  declarator: (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator
    parameters: (parameter_list [(parameter_declaration) (variadic_parameter)] @param))))
  (#not-eq? @param "void"))
(function_definition
  declarator: (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (function_declarator
    parameters: (parameter_list [(parameter_declaration) (variadic_parameter)] @param)))))
  (#not-eq? @param "void"))

(struct_specifier body: (_)) @struct
(struct_specifier name: (type_identifier) @name body: (_)) @struct
(type_definition type: (struct_specifier !name body: (_)) @struct declarator: (type_identifier) @name)
(union_specifier body: (_)) @struct
(union_specifier name: (type_identifier) @name body: (_)) @struct
(type_definition type: (union_specifier !name body: (_)) @struct declarator: (type_identifier) @name)
(enum_specifier body: (_)) @enum
(enum_specifier name: (type_identifier) @name body: (_)) @enum
(type_definition type: (enum_specifier !name body: (_)) @enum declarator: (type_identifier) @name)
(type_definition declarator: (_) @name.declarator) @type_alias
(preproc_def name: (identifier) @name) @macro
(preproc_function_def name: (identifier) @name) @macro
(translation_unit (declaration
  (type_qualifier) @_qualifier
  declarator: (init_declarator declarator: (_) @name.declarator) @constant)
  (#eq? @_qualifier "const"))
(enumerator name: (identifier) @name) @symbol.enum_member
(field_declaration declarator: (_) @name.declarator @symbol.field)
(translation_unit (declaration declarator: (init_declarator declarator: (_) @name.declarator) @symbol.variable))
(translation_unit (declaration declarator: [(identifier) (array_declarator)] @name.declarator @symbol.variable))
(translation_unit (declaration declarator: (function_declarator) @name.declarator @symbol.prototype))
(translation_unit (declaration declarator: (pointer_declarator declarator: (function_declarator)) @name.declarator @symbol.prototype))
(translation_unit (declaration declarator: (pointer_declarator declarator: [(identifier) (array_declarator)]) @name.declarator
  @symbol.variable))

; C11 6.2.2: static at file scope is internal linkage.
(function_definition (storage_class_specifier) @_class (#eq? @_class "static")) @private
(declaration (storage_class_specifier) @_class declarator: (init_declarator) @private (#eq? @_class "static"))

((comment) @doc (#match? @doc "^(/[*][*!]|//[/!])"))

; Unity, Check, cmocka and others by the name alone
(function_definition declarator: (function_declarator declarator: (identifier) @_name) (#match? @_name "^test_")) @test
