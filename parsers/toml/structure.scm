; TOML: tables, the keys before the first table and those in tables.
(table . [(bare_key) (quoted_key) (dotted_key)] @name) @symbol.section
(table_array_element . [(bare_key) (quoted_key) (dotted_key)] @name) @symbol.section
(document (pair . [(bare_key) (quoted_key) (dotted_key)] @name) @symbol.key)
(table (pair . [(bare_key) (quoted_key) (dotted_key)] @name) @symbol.key)
(table_array_element (pair . [(bare_key) (quoted_key) (dotted_key)] @name) @symbol.key)
