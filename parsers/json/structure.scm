; JSON: the keys of the upper two levels are symbols; objects and arrays nest.
(document (object (pair key: (string (string_content) @name)) @symbol.key))
(document (object (pair value: (object (pair key: (string (string_content) @name)) @symbol.key))))
(document (array (object (pair key: (string (string_content) @name)) @symbol.key)))
