# café ÿ

{
  twice = a:
    if a then 2
    else 0;
}
