package rules

import (
	"strings"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
)

// Selector names elements of a page in the language of CSS (Selectors Level 4,
// as far as a page without scripts and styles has use for it): types, *, #id,
// .class, [attribute] with = ~= |= ^= $= *= and i, the combinators, commas,
// :first-child, :last-child, :only-child, :nth-child(), :nth-last-child(),
// :first-of-type, :last-of-type, :nth-of-type(), :empty, :root, :not(), :is(),
// :has(), and beyond CSS :contains("text"), whose element has that text in it,
// whatever its case.
type Selector struct {
	text   string
	chains []chain
}

// String is the selector as written.
func (s *Selector) String() string { return s.text }

// chain is compounds from left to right; joins[i] stands before compounds[i]:
// ' ', '>', '+' or '~' (0 before the first, unless a :has() begins with one).
type chain struct {
	compounds []compound
	joins     []byte
}

// compound is what must hold of one element.
type compound struct {
	tag     string // "" for any
	id      string
	classes []string
	attrs   []attrTest
	pseudos []pseudo
}

type attrTest struct {
	key, val string
	op       byte // 0: is there; '=', '~', '|', '^', '$', '*'
	fold     bool
}

// pseudo is a pseudo-class with its argument.
type pseudo struct {
	name string
	a, b int       // of nth
	text string    // of contains, lower case
	of   *Selector // of not, is, has
}

// maxSteps bounds the comparisons that the selectors of a rule make on a page.
const maxSteps = 20_000_000

// Finder finds elements of one page. It counts what it does: past the limit
// nothing more is found, and Exhausted tells so.
type Finder struct {
	doc   *page.Doc
	steps int
}

// NewFinder makes a finder for a page.
func NewFinder(doc *page.Doc) *Finder { return &Finder{doc: doc} }

// Exhausted tells whether a selector was cut off by the limit on comparisons.
func (f *Finder) Exhausted() bool { return f.steps > maxSteps }

// All lists the elements that a selector names, in document order, at most max.
func (f *Finder) All(s *Selector, max int) []*page.Node {
	var out []*page.Node
	for _, n := range f.doc.Nodes {
		if len(out) >= max || f.Exhausted() {
			break
		}
		if !n.IsText() && f.matches(s, n, nil) {
			out = append(out, n)
		}
	}
	return out
}

func (f *Finder) matches(s *Selector, n, scope *page.Node) bool {
	for i := range s.chains {
		c := &s.chains[i]
		if f.chain(c, len(c.compounds)-1, n, scope) {
			return true
		}
	}
	return false
}

// chain tells whether n is named by the first i+1 compounds; those of a :has()
// begin at scope.
func (f *Finder) chain(c *chain, i int, n, scope *page.Node) bool {
	if f.steps++; f.Exhausted() || !f.compound(&c.compounds[i], n) {
		return false
	}
	join := c.joins[i]
	if i == 0 && join == 0 {
		return true
	}
	before := func(m *page.Node) bool {
		if i == 0 {
			f.steps++
			return m == scope
		}
		return f.chain(c, i-1, m, scope)
	}
	switch join {
	case '>':
		return n.Parent != nil && before(n.Parent)
	case '+':
		p := prevElement(n)
		return p != nil && before(p)
	case '~':
		for p := prevElement(n); p != nil && !f.Exhausted(); p = prevElement(p) {
			if before(p) {
				return true
			}
		}
		return false
	}
	for p := n.Parent; p != nil && !f.Exhausted(); p = p.Parent {
		if before(p) {
			return true
		}
	}
	return false
}

func (f *Finder) compound(c *compound, n *page.Node) bool {
	if c.tag != "" && n.Name != c.tag || c.id != "" && n.Attr("id") != c.id {
		return false
	}
	if len(c.classes) > 0 {
		list := n.Attr("class")
		for _, class := range c.classes {
			if !hasWord(list, class) {
				return false
			}
		}
	}
	for i := range c.attrs {
		if !c.attrs[i].holds(n) {
			return false
		}
	}
	for i := range c.pseudos {
		if !f.pseudo(&c.pseudos[i], n) {
			return false
		}
	}
	return true
}

func (t *attrTest) holds(n *page.Node) bool {
	if !n.HasAttr(t.key) {
		return false
	}
	v, want := n.Attr(t.key), t.val
	if t.fold {
		v, want = strings.ToLower(v), strings.ToLower(want)
	}
	switch t.op {
	case 0:
		return true
	case '=':
		return v == want
	case '~':
		return hasWord(v, want)
	case '|':
		return v == want || strings.HasPrefix(v, want+"-")
	case '^':
		return want != "" && strings.HasPrefix(v, want)
	case '$':
		return want != "" && strings.HasSuffix(v, want)
	}
	return want != "" && strings.Contains(v, want)
}

// hasWord tells whether a list of words parted by spaces has one of them.
func hasWord(list, word string) bool {
	for len(list) > 0 {
		end := strings.IndexAny(list, " \t\n\r\f")
		if end < 0 {
			return list == word
		}
		if list[:end] == word && word != "" {
			return true
		}
		list = list[end+1:]
	}
	return false
}

func prevElement(n *page.Node) *page.Node {
	for n = n.Prev; n != nil && n.IsText(); n = n.Prev {
	}
	return n
}

func nextElement(n *page.Node) *page.Node {
	for n = n.Next; n != nil && n.IsText(); n = n.Next {
	}
	return n
}

func (f *Finder) pseudo(p *pseudo, n *page.Node) bool {
	switch p.name {
	case "root":
		return n.Parent == nil
	case "empty":
		return n.First == nil
	case "first-child":
		return prevElement(n) == nil
	case "last-child":
		return nextElement(n) == nil
	case "only-child":
		return prevElement(n) == nil && nextElement(n) == nil
	case "nth-child", "nth-of-type":
		return p.nth(f.place(n, prevElement, p.name == "nth-of-type"))
	case "nth-last-child", "nth-last-of-type":
		return p.nth(f.place(n, nextElement, p.name == "nth-last-of-type"))
	case "contains":
		f.steps += int(n.End - n.Order)
		return n.Tag != atom.Script && strings.Contains(strings.ToLower(n.InnerText()), p.text)
	case "not":
		return !f.matches(p.of, n, nil)
	case "is":
		return f.matches(p.of, n, nil)
	}
	return f.has(p.of, n)
}

// place counts the elements from n to the end of its row, n with them.
func (f *Finder) place(n *page.Node, next func(*page.Node) *page.Node, sameType bool) int {
	count := 1
	for e := next(n); e != nil && !f.Exhausted(); e = next(e) {
		if f.steps++; !sameType || e.Name == n.Name {
			count++
		}
	}
	return count
}

// nth tells whether place is a*k+b for a k of 0 or more.
func (p *pseudo) nth(place int) bool {
	d := place - p.b
	if p.a == 0 {
		return d == 0
	}
	return d%p.a == 0 && d/p.a >= 0
}

// has looks for an element below n, or beside it where the inner selector begins
// with + or ~.
func (f *Finder) has(inner *Selector, n *page.Node) bool {
	from, to := n.Order+1, n.End
	for i := range inner.chains {
		if j := inner.chains[i].joins[0]; (j == '+' || j == '~') && n.Parent != nil {
			to = n.Parent.End
		}
	}
	for i := from; i <= to && !f.Exhausted(); i++ {
		if e := f.doc.Nodes[i]; !e.IsText() && f.matches(inner, e, n) {
			return true
		}
	}
	return false
}
