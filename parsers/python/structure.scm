; Definitions of Python: names, parameters, visibility, documentation, tests.
(function_definition name: (identifier) @name) @function
(lambda) @lambda
(parameters [
  (identifier) (default_parameter) (typed_parameter) (typed_default_parameter) (list_splat_pattern)
  (dictionary_splat_pattern) (tuple_pattern)] @param)
(lambda_parameters [
  (identifier) (default_parameter) (list_splat_pattern) (dictionary_splat_pattern) (tuple_pattern)] @param)

(class_definition name: (identifier) @name) @class
(type_alias_statement left: (type) @name) @type_alias
(module (expression_statement (assignment left: (identifier) @name) @constant)
  (#match? @name "^[A-Z][A-Z0-9_]*$"))
(class_definition body: (block (expression_statement (assignment left: (identifier) @name) @constant))
  (#match? @name "^[A-Z][A-Z0-9_]*$"))
(module (expression_statement (assignment left: (identifier) @name) @symbol.variable)
  (#not-match? @name "^([A-Z][A-Z0-9_]*|__all__)$"))
(class_definition body: (block (expression_statement (assignment left: (identifier) @name) @symbol.field))
  (#not-match? @name "^[A-Z][A-Z0-9_]*$"))

; PEP 8: a leading underscore is internal; Python reference 7.11: __all__ names what a module offers.
(function_definition name: (identifier) @_name (#match? @_name "^_")) @private
(class_definition name: (identifier) @_name (#match? @_name "^_")) @private
(module (expression_statement (assignment
  left: (identifier) @_all
  right: [(list (string (string_content) @public.only)) (tuple (string (string_content) @public.only))]))
  (#eq? @_all "__all__"))
(module (expression_statement (augmented_assignment
  left: (identifier) @_all
  right: [(list (string (string_content) @public.only)) (tuple (string (string_content) @public.only))]))
  (#eq? @_all "__all__"))

; PEP 257: the first statement of a body, if it is a string.
(module . (comment)* . (expression_statement . (string) @doc.inner .))
(class_definition body: (block . (expression_statement . (string) @doc.inner .)))
(class_definition body: (block . (comment) . (expression_statement . (string) @doc.inner .)))
(function_definition body: (block . (expression_statement . (string) @doc.inner .)))
(function_definition body: (block . (comment) . (expression_statement . (string) @doc.inner .)))

; pytest, unittest
(function_definition name: (identifier) @_name (#match? @_name "^test")) @test
