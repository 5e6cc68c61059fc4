// note

int twice(int a)
{
    if (a)
        a *= 2;
    return a;
}
int = = ;
