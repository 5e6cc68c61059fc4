// Package shapes draws things.
package shapes

import (
	"fmt"
	. "math"
	str "strings"

	_ "embed"
)

import `os`

// MaxSides is the limit.
const MaxSides = 8

const (
	one, two = 1, 2
	Third    = iota
)

// Default is used when nothing else is said.
var Default = Square{side: 1}

// Shape has an area.
type Shape interface {
	Area() float64
}

// Square is a shape.
type Square struct {
	side  float64
	Label string `json:"label"`
}

type names []string
type Alias = map[string]int
type Pair[K comparable, V any] struct {
	Key K
}

// Area is side squared.
func (s *Square) Area() float64 {
	return s.side * s.side
}

func (p Pair[K, V]) get(k K) V {
	var v V
	return v
}

// Classify counts what it finds,
// in two lines of comment.
func Classify(shapes []Shape, a, b bool, more ...int) int {
	count := 0
	for _, shape := range shapes {
		if a && b {
			count++
		} else if shape == nil {
			count--
		} else {
			fmt.Println(str.ToUpper("x"), Abs(1), os.Args)
		}
	}
	switch count {
	case 1:
		return 1
	case 2:
		return 2
	default:
		f := func(x int) int { return x + 1 }
		return f(count)
	}
}

func TestClassify(t *testing.T) {
	Classify(nil, true, false)
}
