// note

function twice(a: number) {
  if (a)
    a *= 2;
  return a;
}
function = = (;
