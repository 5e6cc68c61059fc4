; Measures of Markdown: nesting of headings. Sections are made by # headings alone: underlined ones before the first # nest by their underline,
; later ones below the section they are in.
(section (atx_heading)) @depth
(document . (section . [(setext_heading) (paragraph) (html_block) (block_quote) (list) (fenced_code_block) (indented_code_block) (thematic_break)
  (link_reference_definition) (pipe_table)] (setext_heading) @depth))
(document . (section . (setext_heading) @depth))
(document . (section . [(setext_heading) (paragraph) (html_block) (block_quote) (list) (fenced_code_block) (indented_code_block) (thematic_break)
  (link_reference_definition) (pipe_table)] (setext_heading (setext_h2_underline) @depth)))
(document . (section . (setext_heading (setext_h2_underline) @depth)))
(section (atx_heading) (setext_heading (setext_h2_underline)) @depth)
