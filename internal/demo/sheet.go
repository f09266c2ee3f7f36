package demo

import (
	"fmt"
	"html/template"
	"math/rand/v2"
	"strings"
)

// sheets is sheet that makes each style sheet only once.
func sheets() func(prefix string, n int) template.CSS {
	made := map[string]template.CSS{}
	return func(prefix string, n int) template.CSS {
		if made[prefix] == "" {
			made[prefix] = sheet(prefix, n)
		}
		return made[prefix]
	}
}

// sheet is a style sheet of n rules such as tools write into pages, always the
// same for the same arguments. It gives pages the weight that they have
// elsewhere.
func sheet(prefix string, n int) template.CSS {
	rnd := rand.New(rand.NewPCG(uint64(n), uint64(prefix[0])))
	parts := []string{"card", "list", "nav", "promo", "grid", "media", "label", "tool", "row", "box"}
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ".%s-%s__%s--%d{margin:%dpx %dpx;padding:%dpx;color:#%06x}\n", prefix,
			parts[rnd.IntN(len(parts))], parts[rnd.IntN(len(parts))], i, rnd.IntN(40), rnd.IntN(24), rnd.IntN(32), rnd.IntN(1<<24))
	}
	return template.CSS(b.String())
}
