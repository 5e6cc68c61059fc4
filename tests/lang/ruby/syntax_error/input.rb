# note

def twice(a)
  if a
    a *= 2
  end
  a
end
def = ) (
