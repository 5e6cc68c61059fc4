; Measures of TOML: nesting, comments.
(table) @depth
(table_array_element) @depth
(inline_table) @depth
(array) @depth
(comment) @comment
