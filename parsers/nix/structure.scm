; Definitions of Nix: functions that are bound to a name, attributes, documentation.
(function_expression) @lambda
(source_code expression: (function_expression) @function)
(binding attrpath: (attrpath) @name expression: (function_expression) @function)
(formals (formal) @param)
(function_expression !formals universal: (identifier) @param)

; Variables of the file: what its outermost let binds and is no function.
(source_code expression: (let_expression (binding_set (binding
  attrpath: (attrpath) @name
  expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
    (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression) (integer_expression)
    (let_expression) (list_expression) (parenthesized_expression) (path_expression) (rec_attrset_expression)
    (select_expression) (spath_expression) (string_expression) (unary_expression) (uri_expression)
    (variable_expression) (with_expression)]) @symbol.variable)))
(source_code expression: (function_expression body: (let_expression (binding_set (binding
  attrpath: (attrpath) @name
  expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
    (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression) (integer_expression)
    (let_expression) (list_expression) (parenthesized_expression) (path_expression) (rec_attrset_expression)
    (select_expression) (spath_expression) (string_expression) (unary_expression) (uri_expression)
    (variable_expression) (with_expression)]) @symbol.variable))))

; Public are the attributes of the set that the file is or that its functions return, through let and with: functions ...
(source_code expression: [
  (attrset_expression (binding_set (binding expression: (function_expression) @public)))
  (rec_attrset_expression (binding_set (binding expression: (function_expression) @public)))])
(source_code expression: (let_expression body: [
  (attrset_expression (binding_set (binding expression: (function_expression) @public)))
  (rec_attrset_expression (binding_set (binding expression: (function_expression) @public)))]))
(source_code expression: (function_expression body: [
  (attrset_expression (binding_set (binding expression: (function_expression) @public)))
  (rec_attrset_expression (binding_set (binding expression: (function_expression) @public)))]))
(source_code expression: (function_expression body: (let_expression body: [
  (attrset_expression (binding_set (binding expression: (function_expression) @public)))
  (rec_attrset_expression (binding_set (binding expression: (function_expression) @public)))])))
(source_code expression: (function_expression body: (with_expression body: [
  (attrset_expression (binding_set (binding expression: (function_expression) @public)))
  (rec_attrset_expression (binding_set (binding expression: (function_expression) @public)))])))
(source_code expression: (function_expression body: (function_expression body: [
  (attrset_expression (binding_set (binding expression: (function_expression) @public)))
  (rec_attrset_expression (binding_set (binding expression: (function_expression) @public)))])))
(source_code expression: (function_expression body: (function_expression body: (let_expression body: [
  (attrset_expression (binding_set (binding expression: (function_expression) @public)))
  (rec_attrset_expression (binding_set (binding expression: (function_expression) @public)))]))))
; ... and other values.
(source_code expression: [
  (attrset_expression (binding_set (binding
    attrpath: (attrpath) @name
    expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
      (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression)
      (integer_expression) (let_expression) (list_expression) (parenthesized_expression) (path_expression)
      (rec_attrset_expression) (select_expression) (spath_expression) (string_expression) (unary_expression)
      (uri_expression) (variable_expression) (with_expression)]) @constant @public))
  (rec_attrset_expression (binding_set (binding
    attrpath: (attrpath) @name
    expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
      (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression)
      (integer_expression) (let_expression) (list_expression) (parenthesized_expression) (path_expression)
      (rec_attrset_expression) (select_expression) (spath_expression) (string_expression) (unary_expression)
      (uri_expression) (variable_expression) (with_expression)]) @constant @public))]
  (#set! kind "attribute"))
(source_code expression: (let_expression body: [
  (attrset_expression (binding_set (binding
    attrpath: (attrpath) @name
    expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
      (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression)
      (integer_expression) (let_expression) (list_expression) (parenthesized_expression) (path_expression)
      (rec_attrset_expression) (select_expression) (spath_expression) (string_expression) (unary_expression)
      (uri_expression) (variable_expression) (with_expression)]) @constant @public))
  (rec_attrset_expression (binding_set (binding
    attrpath: (attrpath) @name
    expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
      (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression)
      (integer_expression) (let_expression) (list_expression) (parenthesized_expression) (path_expression)
      (rec_attrset_expression) (select_expression) (spath_expression) (string_expression) (unary_expression)
      (uri_expression) (variable_expression) (with_expression)]) @constant @public))])
  (#set! kind "attribute"))
(source_code expression: (function_expression body: [
  (attrset_expression (binding_set (binding
    attrpath: (attrpath) @name
    expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
      (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression)
      (integer_expression) (let_expression) (list_expression) (parenthesized_expression) (path_expression)
      (rec_attrset_expression) (select_expression) (spath_expression) (string_expression) (unary_expression)
      (uri_expression) (variable_expression) (with_expression)]) @constant @public))
  (rec_attrset_expression (binding_set (binding
    attrpath: (attrpath) @name
    expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
      (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression)
      (integer_expression) (let_expression) (list_expression) (parenthesized_expression) (path_expression)
      (rec_attrset_expression) (select_expression) (spath_expression) (string_expression) (unary_expression)
      (uri_expression) (variable_expression) (with_expression)]) @constant @public))])
  (#set! kind "attribute"))
(source_code expression: (function_expression body: (let_expression body: [
  (attrset_expression (binding_set (binding
    attrpath: (attrpath) @name
    expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
      (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression)
      (integer_expression) (let_expression) (list_expression) (parenthesized_expression) (path_expression)
      (rec_attrset_expression) (select_expression) (spath_expression) (string_expression) (unary_expression)
      (uri_expression) (variable_expression) (with_expression)]) @constant @public))
  (rec_attrset_expression (binding_set (binding
    attrpath: (attrpath) @name
    expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
      (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression)
      (integer_expression) (let_expression) (list_expression) (parenthesized_expression) (path_expression)
      (rec_attrset_expression) (select_expression) (spath_expression) (string_expression) (unary_expression)
      (uri_expression) (variable_expression) (with_expression)]) @constant @public))]))
  (#set! kind "attribute"))
(source_code expression: (function_expression body: (with_expression body: [
  (attrset_expression (binding_set (binding
    attrpath: (attrpath) @name
    expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
      (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression)
      (integer_expression) (let_expression) (list_expression) (parenthesized_expression) (path_expression)
      (rec_attrset_expression) (select_expression) (spath_expression) (string_expression) (unary_expression)
      (uri_expression) (variable_expression) (with_expression)]) @constant @public))
  (rec_attrset_expression (binding_set (binding
    attrpath: (attrpath) @name
    expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
      (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression)
      (integer_expression) (let_expression) (list_expression) (parenthesized_expression) (path_expression)
      (rec_attrset_expression) (select_expression) (spath_expression) (string_expression) (unary_expression)
      (uri_expression) (variable_expression) (with_expression)]) @constant @public))]))
  (#set! kind "attribute"))
(source_code expression: (function_expression body: (function_expression body: [
  (attrset_expression (binding_set (binding
    attrpath: (attrpath) @name
    expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
      (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression)
      (integer_expression) (let_expression) (list_expression) (parenthesized_expression) (path_expression)
      (rec_attrset_expression) (select_expression) (spath_expression) (string_expression) (unary_expression)
      (uri_expression) (variable_expression) (with_expression)]) @constant @public))
  (rec_attrset_expression (binding_set (binding
    attrpath: (attrpath) @name
    expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
      (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression)
      (integer_expression) (let_expression) (list_expression) (parenthesized_expression) (path_expression)
      (rec_attrset_expression) (select_expression) (spath_expression) (string_expression) (unary_expression)
      (uri_expression) (variable_expression) (with_expression)]) @constant @public))]))
  (#set! kind "attribute"))
(source_code expression: (function_expression body: (function_expression body: (let_expression body: [
  (attrset_expression (binding_set (binding
    attrpath: (attrpath) @name
    expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
      (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression)
      (integer_expression) (let_expression) (list_expression) (parenthesized_expression) (path_expression)
      (rec_attrset_expression) (select_expression) (spath_expression) (string_expression) (unary_expression)
      (uri_expression) (variable_expression) (with_expression)]) @constant @public))
  (rec_attrset_expression (binding_set (binding
    attrpath: (attrpath) @name
    expression: [(apply_expression) (assert_expression) (attrset_expression) (binary_expression) (float_expression)
      (has_attr_expression) (hpath_expression) (if_expression) (indented_string_expression)
      (integer_expression) (let_expression) (list_expression) (parenthesized_expression) (path_expression)
      (rec_attrset_expression) (select_expression) (spath_expression) (string_expression) (unary_expression)
      (uri_expression) (variable_expression) (with_expression)]) @constant @public))])))
  (#set! kind "attribute"))

(comment) @doc.adjacent
