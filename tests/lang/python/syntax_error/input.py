# note

def twice(a):
    if a:
        a *= 2
    return a
def = = (
