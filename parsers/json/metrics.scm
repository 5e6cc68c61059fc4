; Measures of JSON: nesting; comments are an extension that the grammar knows.
(object) @depth
(array) @depth
(comment) @comment
