package rules

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of one selector.
const (
	maxSelector  = 1000 // bytes
	maxCompounds = 16   // in a row
	maxInner     = 4    // :not(), :is(), :has() within each other
)

// ParseSelector reads a selector. The error says what is wrong, and where, as a
// count of characters from 1.
func ParseSelector(text string) (*Selector, error) {
	if len(text) > maxSelector {
		return nil, fmt.Errorf("longer than %d bytes", maxSelector)
	}
	p := &selectorParser{text: text}
	s, err := p.list(0, false)
	if err != nil {
		return nil, err
	}
	if p.at < len(text) {
		return nil, p.fault("%q is not understood", p.rest())
	}
	s.text = strings.TrimSpace(text)
	return s, nil
}

type selectorParser struct {
	text string
	at   int
}

func (p *selectorParser) fault(format string, args ...any) error {
	return fmt.Errorf("at character %d: %s", utf8.RuneCountInString(p.text[:p.at])+1, fmt.Sprintf(format, args...))
}

// rest is the beginning of what is not read yet.
func (p *selectorParser) rest() string {
	rest := p.text[p.at:]
	if len(rest) > 12 {
		rest = strings.ToValidUTF8(rest[:12], "") + "…"
	}
	return rest
}

func (p *selectorParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *selectorParser) space() bool {
	from := p.at
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n\f", p.text[p.at]) >= 0 {
		p.at++
	}
	return p.at > from
}

// list reads selectors parted by commas, up to the end or a closing bracket.
func (p *selectorParser) list(inner int, relative bool) (*Selector, error) {
	s := &Selector{}
	for {
		c, err := p.chain(inner, relative)
		if err != nil {
			return nil, err
		}
		s.chains = append(s.chains, *c)
		p.space()
		if p.peek() != ',' {
			return s, nil
		}
		p.at++
	}
}

func (p *selectorParser) chain(inner int, relative bool) (*chain, error) {
	c := &chain{}
	join := byte(0)
	p.space()
	if relative {
		join = ' '
		if strings.IndexByte(">+~", p.peek()) >= 0 && p.peek() != 0 {
			join = p.peek()
			p.at++
			p.space()
		}
	}
	for {
		part, err := p.compound(inner)
		if err != nil {
			return nil, err
		}
		c.compounds, c.joins = append(c.compounds, *part), append(c.joins, join)
		if len(c.compounds) > maxCompounds {
			return nil, p.fault("more than %d parts in a row", maxCompounds)
		}
		spaced := p.space()
		switch b := p.peek(); {
		case b == '>' || b == '+' || b == '~':
			join = b
			p.at++
			p.space()
		case b == 0 || b == ',' || b == ')' || !spaced:
			return c, nil
		default:
			join = ' '
		}
	}
}

func (p *selectorParser) compound(inner int) (*compound, error) {
	c := &compound{}
	from := p.at
	if p.peek() == '*' {
		p.at++
	} else if nameByte(p.peek()) {
		c.tag = strings.ToLower(p.name())
	}
	for {
		switch p.peek() {
		case '#', '.':
			kind := p.peek()
			p.at++
			name := p.name()
			if name == "" {
				return nil, p.fault("a name is missing after %q", string(kind))
			}
			if kind == '#' {
				c.id = name
			} else {
				c.classes = append(c.classes, name)
			}
		case '[':
			t, err := p.attr()
			if err != nil {
				return nil, err
			}
			c.attrs = append(c.attrs, *t)
		case ':':
			q, err := p.pseudo(inner)
			if err != nil {
				return nil, err
			}
			c.pseudos = append(c.pseudos, *q)
		default:
			if p.at == from {
				if p.at == len(p.text) {
					return nil, p.fault("an element is missing at the end")
				}
				return nil, p.fault("%q names no element", p.rest())
			}
			return c, nil
		}
	}
}

func nameByte(b byte) bool {
	return b >= 0x80 || b == '_' || b == '-' || b == '\\' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}

// name reads an identifier; a backslash takes the character after it as it is.
func (p *selectorParser) name() string {
	var b strings.Builder
	for nameByte(p.peek()) {
		if p.peek() == '\\' {
			if p.at++; p.at == len(p.text) {
				break
			}
		}
		b.WriteByte(p.text[p.at])
		p.at++
	}
	return b.String()
}

func (p *selectorParser) attr() (*attrTest, error) {
	p.at++
	p.space()
	t := &attrTest{key: strings.ToLower(p.name())}
	if t.key == "" {
		return nil, p.fault("the attribute's name is missing")
	}
	p.space()
	if p.peek() == ']' {
		p.at++
		return t, nil
	}
	if t.op = p.peek(); t.op != '=' {
		if strings.IndexByte("~|^$*", t.op) < 0 || t.op == 0 || p.at+1 >= len(p.text) || p.text[p.at+1] != '=' {
			return nil, p.fault("%q compares nothing; there is = ~= |= ^= $= *=", p.rest())
		}
		p.at++
	}
	p.at++
	p.space()
	var err error
	if t.val, err = p.value("]"); err != nil {
		return nil, err
	}
	p.space()
	if b := p.peek() | 0x20; b == 'i' || b == 's' {
		t.fold = b == 'i'
		p.at++
		p.space()
	}
	if p.peek() != ']' {
		return nil, p.fault("] is missing")
	}
	p.at++
	return t, nil
}

// value reads a text in quotes, or what stands before one of the bytes of end.
func (p *selectorParser) value(end string) (string, error) {
	quote := p.peek()
	if quote != '"' && quote != '\'' {
		if stop := strings.IndexAny(p.text[p.at:], end+" "); stop > 0 {
			v := p.text[p.at : p.at+stop]
			p.at += stop
			return v, nil
		}
		return "", p.fault("a value is missing")
	}
	p.at++
	var b strings.Builder
	for p.at < len(p.text) && p.text[p.at] != quote {
		if p.text[p.at] == '\\' && p.at+1 < len(p.text) {
			p.at++
		}
		b.WriteByte(p.text[p.at])
		p.at++
	}
	if p.at == len(p.text) {
		return "", p.fault("the closing %c is missing", quote)
	}
	p.at++
	return b.String(), nil
}

func (p *selectorParser) pseudo(inner int) (*pseudo, error) {
	start := p.at
	if p.at++; p.peek() == ':' {
		return nil, p.fault("pseudo-elements stand for no element of the page")
	}
	q := &pseudo{name: strings.ToLower(p.name())}
	switch q.name {
	case "root", "empty", "first-child", "last-child", "only-child":
		return q, nil
	case "first-of-type":
		q.name, q.b = "nth-of-type", 1
		return q, nil
	case "last-of-type":
		q.name, q.b = "nth-last-of-type", 1
		return q, nil
	case "not", "is", "where", "has", "contains", "nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type":
	default:
		p.at = start
		return nil, p.fault("there is no :%s here", q.name)
	}
	if p.peek() != '(' {
		return nil, p.fault("( is missing after :%s", q.name)
	}
	p.at++
	p.space()
	if err := p.argument(q, inner); err != nil {
		return nil, err
	}
	p.space()
	if p.peek() != ')' {
		return nil, p.fault(") is missing")
	}
	p.at++
	return q, nil
}

func (p *selectorParser) argument(q *pseudo, inner int) (err error) {
	switch q.name {
	case "contains":
		q.text, err = p.value(")")
		q.text = strings.ToLower(q.text)
	case "nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type":
		err = p.nth(q)
	default:
		if inner >= maxInner {
			return p.fault("nested deeper than %d", maxInner)
		}
		if q.name == "where" {
			q.name = "is"
		}
		q.of, err = p.list(inner+1, q.name == "has")
	}
	return err
}

// nth reads odd, even, 3, 2n, -n+3, 2n+1.
func (p *selectorParser) nth(q *pseudo) error {
	end := strings.IndexByte(p.text[p.at:], ')')
	if end < 0 {
		return p.fault(") is missing")
	}
	raw := strings.ToLower(strings.Join(strings.Fields(p.text[p.at:p.at+end]), ""))
	switch raw {
	case "odd":
		q.a, q.b = 2, 1
	case "even":
		q.a, q.b = 2, 0
	default:
		a, b, isN := strings.Cut(raw, "n")
		if !isN {
			a, b = "0", a
		}
		switch a {
		case "", "+":
			a = "1"
		case "-":
			a = "-1"
		}
		if b == "" {
			b = "0"
		}
		var errA, errB error
		q.a, errA = strconv.Atoi(a)
		q.b, errB = strconv.Atoi(b)
		if errA != nil || errB != nil || max(q.a, -q.a, q.b, -q.b) > 1_000_000 {
			return p.fault("%q is none of odd, even, 3, 2n+1", raw)
		}
	}
	p.at += end
	return nil
}
