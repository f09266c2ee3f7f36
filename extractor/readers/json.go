package readers

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Value is a JSON value as a page gives it. Objects keep the order of their
// keys: Keys[i] names Items[i]; arrays have Items alone.
type Value struct {
	Kind  ValueKind
	Str   string
	Keys  []string
	Items []Value
}

// ValueKind tells what a Value is.
type ValueKind uint8

// The kinds of values. Numbers are kept as they are written.
const (
	Null ValueKind = iota
	Bool
	Number
	String
	Array
	Object
)

// Get is an object's member, or a Null.
func (v Value) Get(key string) Value {
	for i, k := range v.Keys {
		if k == key {
			return v.Items[i]
		}
	}
	return Value{}
}

// Text is a string's or number's text; of an array, that of its first element;
// of an object, its @value or name.
func (v Value) Text() string {
	switch v.Kind {
	case String, Number, Bool:
		return v.Str
	case Array:
		for _, e := range v.Items {
			if t := e.Text(); t != "" {
				return t
			}
		}
	case Object:
		if t := v.Get("@value"); t.Kind == String {
			return t.Str
		}
		return v.Get("name").Text()
	}
	return ""
}

// List is an array's elements, or the value alone.
func (v Value) List() []Value {
	switch v.Kind {
	case Array:
		return v.Items
	case Null:
		return nil
	}
	return []Value{v}
}

const (
	maxJSONDepth  = 64
	maxJSONValues = 200_000
)

// ParseJSON reads JSON as publishers write it: it forgives comments around it,
// line breaks and tabs in strings, commas too many or too few, single values in
// sequence, and a cut end. ok is false where not even an object or an array
// begins.
func ParseJSON(s string) (v Value, ok bool) {
	if at := strings.Index(s, "<![CDATA["); at >= 0 && at < 40 {
		s = s[at+len("<![CDATA["):]
	}
	p := &jsonParser{s: s}
	start := strings.IndexAny(s, "{[")
	if start < 0 {
		return Value{}, false
	}
	p.at = start
	v = p.value(0)
	for {
		next := strings.IndexAny(p.s[p.at:], "{[")
		if next < 0 || p.values > maxJSONValues {
			return v, true
		}
		p.at += next
		before := p.at
		more := p.value(0)
		if p.at == before {
			return v, true
		}
		if v.Kind == Array {
			v.Items = append(v.Items, more)
		} else {
			v = Value{Kind: Array, Items: []Value{v, more}}
		}
	}
}

type jsonParser struct {
	s      string
	at     int
	values int
}

func (p *jsonParser) space() {
	for p.at < len(p.s) {
		switch c := p.s[p.at]; {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == ',' || c == ';':
			p.at++
		case strings.HasPrefix(p.s[p.at:], "/*"):
			end := strings.Index(p.s[p.at+2:], "*/")
			if end < 0 {
				p.at = len(p.s)
				return
			}
			p.at += end + 4
		default:
			return
		}
	}
}

func (p *jsonParser) value(depth int) Value {
	p.space()
	p.values++
	if p.at >= len(p.s) || depth > maxJSONDepth || p.values > maxJSONValues {
		p.at = len(p.s)
		return Value{}
	}
	switch c := p.s[p.at]; c {
	case '{':
		return p.object(depth)
	case '[':
		return p.array(depth)
	case '"':
		return Value{Kind: String, Str: p.str()}
	}
	start := p.at
	for p.at < len(p.s) && strings.IndexByte(",]}{[\"\n\r\t :", p.s[p.at]) < 0 {
		p.at++
	}
	word := p.s[start:p.at]
	switch word {
	case "":
		p.at++ // a stray sign: step over it, or the parser would not move on
		return Value{}
	case "null", "undefined":
		return Value{}
	case "true", "false":
		return Value{Kind: Bool, Str: word}
	}
	return Value{Kind: Number, Str: word}
}

func (p *jsonParser) array(depth int) Value {
	v := Value{Kind: Array}
	p.at++
	for {
		p.space()
		if p.at >= len(p.s) {
			return v
		}
		switch p.s[p.at] {
		case ']':
			p.at++
			return v
		case '}', ':':
			if p.s[p.at] == '}' {
				return v
			}
			p.at++
			continue
		}
		v.Items = append(v.Items, p.value(depth+1))
	}
}

func (p *jsonParser) object(depth int) Value {
	v := Value{Kind: Object}
	p.at++
	for {
		p.space()
		if p.at >= len(p.s) {
			return v
		}
		key := ""
		switch p.s[p.at] {
		case '}':
			p.at++
			return v
		case ']':
			return v
		case '"':
			key = p.str()
		default:
			start := p.at
			for p.at < len(p.s) && strings.IndexByte(":,}]{[\" \n\t\r", p.s[p.at]) < 0 {
				p.at++
			}
			key = strings.Trim(p.s[start:p.at], "'")
			if key == "" {
				if p.at == start {
					p.at++ // a sign that begins no key
				}
				continue
			}
		}
		p.space()
		if p.at >= len(p.s) || p.s[p.at] != ':' {
			continue
		}
		p.at++
		item := p.value(depth + 1)
		v.Keys, v.Items = append(v.Keys, key), append(v.Items, item)
	}
}

// str reads a string. A quote inside it that was not escaped ends it only where
// what follows could follow a string.
func (p *jsonParser) str() string {
	p.at++
	start := p.at
	for p.at < len(p.s) {
		switch c := p.s[p.at]; {
		case c == '\\':
			return p.escaped(start)
		case c == '"':
			if p.closes(p.at + 1) {
				s := p.s[start:p.at]
				p.at++
				return s
			}
			p.at++
		default:
			p.at++
		}
	}
	return p.s[start:]
}

// closes tells whether a quote before i ends a string.
func (p *jsonParser) closes(i int) bool {
	for ; i < len(p.s); i++ {
		switch p.s[i] {
		case ' ', '\n', '\t', '\r':
		case ',', '}', ']', ':', '"':
			return true
		default:
			return false
		}
	}
	return true
}

func (p *jsonParser) escaped(start int) string {
	var b strings.Builder
	b.WriteString(p.s[start:p.at])
	for p.at < len(p.s) {
		c := p.s[p.at]
		if c == '"' && p.closes(p.at+1) {
			p.at++
			return b.String()
		}
		if c != '\\' || p.at+1 >= len(p.s) {
			b.WriteByte(c)
			p.at++
			continue
		}
		p.at++
		switch e := p.s[p.at]; e {
		case 'n', 'r':
			b.WriteByte('\n')
		case 't', 'b', 'f':
			b.WriteByte(' ')
		case 'u':
			b.WriteRune(p.rune16())
			continue
		default:
			b.WriteByte(e)
		}
		p.at++
	}
	return b.String()
}

// rune16 reads uXXXX, and a second half after it where it is a surrogate.
func (p *jsonParser) rune16() rune {
	r, ok := p.hex4()
	if !ok {
		return utf8.RuneError
	}
	if r >= 0xD800 && r < 0xDC00 && strings.HasPrefix(p.s[p.at:], `\u`) {
		p.at++
		if low, ok := p.hex4(); ok && low >= 0xDC00 && low < 0xE000 {
			return (r-0xD800)<<10 + (low - 0xDC00) + 0x10000
		}
		return utf8.RuneError
	}
	return r
}

func (p *jsonParser) hex4() (rune, bool) {
	p.at++ // the u
	if p.at+4 > len(p.s) {
		p.at = len(p.s)
		return 0, false
	}
	n, err := strconv.ParseUint(p.s[p.at:p.at+4], 16, 32)
	p.at += 4
	return rune(n), err == nil
}
