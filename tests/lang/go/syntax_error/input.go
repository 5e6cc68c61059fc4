// note

package c
func twice(a int) int {
	if a > 0 {
		a *= 2
	}
	return a
}
func = = (
