; Measures of YAML: nesting, comments.
(block_mapping) @depth
(block_sequence) @depth
(flow_mapping) @depth
(flow_sequence) @depth
(comment) @comment
