; Definitions of Elixir: names, parameters, visibility, documentation, tests. Everything is a call: the text of its target tells.
(call
  target: (identifier) @_keyword
  (arguments . [
    (call target: (identifier) @name)
    (identifier) @name
    (call target: (call target: (identifier) @name))
    (binary_operator left: (call target: (identifier) @name) operator: "when")
    (binary_operator left: (identifier) @name operator: "when")])
  (#any-of? @_keyword "def" "defp" "defmacro" "defmacrop")) @function
(call target: (identifier) @_keyword (arguments) (#any-of? @_keyword "def" "defp" "defmacro" "defmacrop")) @function
(call
  target: (identifier) @_keyword
  (arguments . (binary_operator operator: _ @name))
  (#any-of? @_keyword "def" "defp" "defmacro" "defmacrop")
  (#not-eq? @name "when")) @function
(anonymous_function) @lambda
(call target: (identifier) @_keyword
  (arguments . (call (arguments (_) @param)))
  (#any-of? @_keyword "def" "defp" "defmacro" "defmacrop"))
(call target: (identifier) @_keyword
  (arguments . (binary_operator left: (call (arguments (_) @param)) operator: "when"))
  (#any-of? @_keyword "def" "defp" "defmacro" "defmacrop"))

(call target: (identifier) @_keyword (arguments . (_) @name) (#eq? @_keyword "defmodule")) @module
(call target: (identifier) @_keyword (arguments . (_) @name) (#eq? @_keyword "defprotocol")) @interface
(call target: (identifier) @_keyword (arguments . (_) @name) (#eq? @_keyword "defimpl")) @impl
(call target: (identifier) @_keyword (#eq? @_keyword "defstruct")) @struct
(call target: (identifier) @_keyword (#any-of? @_keyword "defmacro" "defmacrop")) @macro
(call target: (identifier) @_keyword (#eq? @_keyword "defexception")) @symbol.exception
(call
  target: (identifier) @_keyword
  (arguments . [
    (call target: (identifier) @name)
    (identifier) @name
    (binary_operator left: (call target: (identifier) @name) operator: "when")])
  (#any-of? @_keyword "defdelegate" "defguard" "defguardp" "defn" "defnp")) @symbol.function
(unary_operator operator: "@" operand: (call
  target: (identifier) @_attribute
  (arguments . (binary_operator left: [(identifier) @name (call target: (identifier) @name)] operator: "::"))
  (#any-of? @_attribute "type" "typep" "opaque"))) @type_alias
(unary_operator operator: "@" operand: (call
  target: (identifier) @_attribute
  (arguments . (binary_operator left: [(identifier) @name (call target: (identifier) @name)] operator: "::"))
  (#any-of? @_attribute "callback" "macrocallback"))) @symbol.callback
(unary_operator operator: "@" operand: (call
  target: (identifier) @name
  (arguments)
  (#not-any-of? @name
    "moduledoc" "doc" "typedoc" "shortdoc" "spec" "type" "typep" "opaque" "callback" "macrocallback" "impl" "behaviour"
    "optional_callbacks" "derive" "enforce_keys" "compile" "dialyzer" "deprecated" "external_resource" "before_compile"
    "after_compile" "on_definition" "on_load" "vsn" "tag" "moduletag" "describetag"))) @constant

; def, defmacro and @type are public, but not after @doc false; other attributes are not; a module is public, but not with @moduledoc false.
(call target: (identifier) @_keyword (#any-of? @_keyword "defp" "defmacrop")) @private
(unary_operator operator: "@" operand: (call
  target: (identifier) @_attribute
  (#not-any-of? @_attribute "type" "opaque" "callback" "macrocallback"))) @private
(unary_operator operator: "@" operand: (call
  target: (identifier) @_attribute
  (arguments . (boolean) @_value)
  (#any-of? @_attribute "doc" "typedoc")
  (#eq? @_value "false"))) @private.next
(call
  target: (identifier) @_keyword
  (do_block (unary_operator operator: "@" operand: (call
    target: (identifier) @_attribute
    (arguments . (boolean) @_value))))
  (#any-of? @_keyword "defmodule" "defprotocol")
  (#eq? @_attribute "moduledoc")
  (#eq? @_value "false")) @private

(unary_operator operator: "@" operand: (call
  target: (identifier) @_attribute
  (arguments . [(string (quoted_content) @doc.text) (sigil (quoted_content) @doc.text)])
  (#any-of? @_attribute "doc" "typedoc"))) @doc
(unary_operator operator: "@" operand: (call
  target: (identifier) @_attribute
  (arguments . [(string (quoted_content) @doc.text) (sigil (quoted_content) @doc.text)])
  (#eq? @_attribute "moduledoc"))) @doc.inner
(unary_operator operator: "@" operand: (call
  target: (identifier) @_attribute
  (#any-of? @_attribute "spec" "impl" "deprecated" "since" "dialyzer" "tag"))) @transparent

(call target: (identifier) @_keyword (arguments . (string)) (do_block) (#any-of? @_keyword "test" "property")) @test
