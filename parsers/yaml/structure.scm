; YAML: the keys of the upper two levels, anchors.
(document (block_node (block_mapping (block_mapping_pair key: (_) @name) @symbol.key)))
(document (block_node (block_mapping (block_mapping_pair
  value: (block_node (block_mapping (block_mapping_pair key: (_) @name) @symbol.key))))))
(document (flow_node (flow_mapping (flow_pair key: (_) @name) @symbol.key)))
(anchor (anchor_name) @name) @symbol.anchor
