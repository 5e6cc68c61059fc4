; Markdown: headings and the languages of code blocks.
(atx_heading heading_content: (inline) @name) @symbol.heading
(setext_heading heading_content: (paragraph (inline) @name)) @symbol.heading
(fenced_code_block (info_string (language) @name)) @symbol.code_block
(link_reference_definition (link_label) @name) @symbol.link
