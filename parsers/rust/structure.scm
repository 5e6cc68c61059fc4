; Definitions of Rust: names, parameters, visibility, documentation, tests.
((source_file) @file (#set! separator "::"))
(function_item name: (_) @name) @function
(closure_expression) @lambda
(function_item parameters: (parameters [(parameter) (self_parameter) (variadic_parameter)] @param))
(closure_parameters (_) @param)

(struct_item name: (type_identifier) @name) @struct
(union_item name: (type_identifier) @name) @struct
(enum_item name: (type_identifier) @name) @enum
(trait_item name: (type_identifier) @name) @trait
(impl_item type: [
  (type_identifier) @name
  (generic_type type: (type_identifier) @name)
  (scoped_type_identifier name: (type_identifier) @name)
  (reference_type) @name
  (primitive_type) @name]) @impl
(impl_item) @impl
(mod_item name: (identifier) @name) @module
(type_item name: (type_identifier) @name) @type_alias
(const_item name: (identifier) @name) @constant
(static_item name: (identifier) @name) @constant
(macro_definition name: (identifier) @name) @macro
(function_signature_item name: (identifier) @name) @symbol.method
(associated_type name: (type_identifier) @name) @symbol.type
(enum_variant name: (identifier) @name) @symbol.enum_member
(field_declaration name: (field_identifier) @name) @symbol.field

; The Rust reference, visibility: plain `pub`; what a public trait declares is public with it.
([
  (function_item (visibility_modifier) @_visibility)
  (struct_item (visibility_modifier) @_visibility)
  (union_item (visibility_modifier) @_visibility)
  (enum_item (visibility_modifier) @_visibility)
  (trait_item (visibility_modifier) @_visibility)
  (mod_item (visibility_modifier) @_visibility)
  (type_item (visibility_modifier) @_visibility)
  (const_item (visibility_modifier) @_visibility)
  (static_item (visibility_modifier) @_visibility)] @public
  (#eq? @_visibility "pub"))
(trait_item body: (declaration_list [(function_item) (const_item)] @public))
(source_file
  (attribute_item (attribute (identifier) @_attribute)) .
  [(attribute_item) (line_comment) (block_comment)]* .
  (macro_definition) @public
  (#eq? @_attribute "macro_export"))

(line_comment outer: (outer_doc_comment_marker)) @doc
(block_comment outer: (outer_doc_comment_marker)) @doc
(line_comment inner: (inner_doc_comment_marker)) @doc.inner
(block_comment inner: (inner_doc_comment_marker)) @doc.inner
(attribute_item) @transparent
((attribute_item (attribute (identifier) @_attribute)) @doc (#eq? @_attribute "doc"))

; #[test], #[tokio::test] and the like
(source_file
  (attribute_item (attribute [(identifier) @_attribute (scoped_identifier name: (identifier) @_attribute)])) .
  [(attribute_item) (line_comment) (block_comment)]* .
  (function_item) @test
  (#any-of? @_attribute "test" "rstest" "bench" "test_case"))
(declaration_list
  (attribute_item (attribute [(identifier) @_attribute (scoped_identifier name: (identifier) @_attribute)])) .
  [(attribute_item) (line_comment) (block_comment)]* .
  (function_item) @test
  (#any-of? @_attribute "test" "rstest" "bench" "test_case"))
