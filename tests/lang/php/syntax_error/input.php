<?php
// note

function twice($a) {
  if ($a)
    $a *= 2;
  return $a;
}
function = = (;
