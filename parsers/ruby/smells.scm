; Code smells of Ruby, with the minutes that their repair takes; strings that should not be repeated.
(rescue exceptions: (exceptions (constant) @_class)
  (#eq? @_class "Exception")
  (#set! rule "broad-rescue") (#set! minutes "5") (#set! message "catches everything, also signals")) @smell
(rescue_modifier
  (#set! rule "rescue-modifier") (#set! minutes "5") (#set! message "hides every error")) @smell
(string) @string
