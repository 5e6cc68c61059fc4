; Measures of Markdown: nesting of headings.
(section (atx_heading)) @depth
(section (setext_heading)) @depth
