; Definitions of Ruby: names, parameters, visibility, documentation, tests.
((program) @file (#set! separator "::"))
(method name: (_) @name) @function
(singleton_method name: (_) @name) @function
(call method: (identifier) @_method arguments: (argument_list . (_) @name) block: (_)
  (#eq? @_method "define_method")) @function
(lambda) @lambda
(method_parameters (identifier) @param)
(method_parameters (optional_parameter) @param)
(method_parameters (keyword_parameter) @param)
(method_parameters (splat_parameter) @param)
(method_parameters (hash_splat_parameter) @param)
(method_parameters (block_parameter) @param)
(method_parameters (destructured_parameter) @param)
(method_parameters (forward_parameter) @param)

(class name: (_) @name) @class
(singleton_class value: (_) @name) @class
(module name: (_) @name) @module
(assignment left: (constant) @name) @constant
(call method: (identifier) @_method arguments: (argument_list (simple_symbol) @name @symbol.property)
  (#any-of? @_method "attr_reader" "attr_writer" "attr_accessor"))
(alias name: (_) @name) @symbol.alias

; Methods are public at first; classes, constants and methods of the class itself stay so.
(class "class" @public.rest)
(singleton_class "class" @public.rest)
(module "module" @public.rest)
(class) @public
(module) @public
(singleton_class) @public
(assignment left: (constant)) @public
(body_statement (singleton_method) @public)
(program (method) @public)
(program (singleton_method) @public)

; private and protected without arguments hold for the methods that follow, with arguments for those that they name.
(body_statement (identifier) @private.rest (#any-of? @private.rest "private" "protected"))
(body_statement (identifier) @public.rest (#eq? @public.rest "public"))
(call method: (identifier) @_method arguments: (argument_list (method) @private)
  (#any-of? @_method "private" "protected"))
(call method: (identifier) @_method arguments: (argument_list (singleton_method) @private)
  (#eq? @_method "private_class_method"))
(call method: (identifier) @_method arguments: (argument_list (simple_symbol) @private.name)
  (#any-of? @_method "private" "protected" "private_class_method" "private_constant"))

(comment) @doc.adjacent
(method name: (identifier) @_name (#match? @_name "^test_")) @test
(call method: (identifier) @_method block: (_)
  (#any-of? @_method "it" "specify" "example" "scenario" "test")) @test
