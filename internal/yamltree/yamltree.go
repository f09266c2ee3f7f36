// Package yamltree reads a YAML document that a stranger may have written into
// a small tree with line numbers. A document means what it shows: anchors,
// aliases, merge keys, tags and second documents are refused, and size, nesting
// and keys are bounded.
package yamltree

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of a document. The last two keep the YAML parser, which calls itself
// for each key of a map and each level, from deep recursion and from taking
// time with the square of the keys.
const (
	MaxBytes   = 1 << 20
	maxNesting = 30
	maxKeys    = 5000
)

// Kind is what a node is.
type Kind int

// The kinds of nodes.
const (
	Null Kind = iota
	Text
	Number
	Bool
	List
	Map
)

// String is the kind in words, as in "wants text, not a list".
func (k Kind) String() string {
	return [...]string{"nothing", "text", "a number", "true or false", "a list", "a map"}[k]
}

// Node is a value with the line that it begins on.
type Node struct {
	Kind Kind
	Line int
	// Text is a scalar's text.
	Text    string
	Items   []*Node
	Entries []Entry
}

// Entry is a key of a map with its value.
type Entry struct {
	Key   string
	Line  int
	Value *Node
}

// Fault says what of a document cannot be read, and on which line (0: unknown).
type Fault struct {
	Line int
	Text string
}

// Error is the fault with its line.
func (f *Fault) Error() string {
	if f.Line == 0 {
		return f.Text
	}
	return fmt.Sprintf("line %d: %s", f.Line, f.Text)
}

// Parse reads a document; an empty one is a Null. The error is a *Fault.
func Parse(data []byte) (root *Node, err error) {
	// The YAML parser is not ours; what it cannot take must not end the process.
	defer func() {
		if recover() != nil {
			root, err = nil, &Fault{0, "not YAML that can be read"}
		}
	}()
	if len(data) > MaxBytes {
		return nil, &Fault{0, fmt.Sprintf("larger than %d bytes", MaxBytes)}
	}
	tokens := lexer.Tokenize(string(data))
	if f := tooMuch(tokens); f != nil {
		return nil, f
	}
	file, perr := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if perr != nil {
		return nil, syntax(perr)
	}
	root = &Node{Kind: Null, Line: 1}
	found := false
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		if found {
			return nil, &Fault{lineOf(doc.Body), "a second document begins; a file holds one"}
		}
		found = true
		if root, err = read(doc.Body); err != nil {
			return nil, err
		}
	}
	return root, nil
}

func syntax(err error) *Fault {
	// Error would draw the surroundings of the fault, at great length.
	f := &Fault{0, "cannot be parsed"}
	if told := yaml.Error(nil); errors.As(err, &told) {
		f.Text = told.GetMessage()
		if at := told.GetToken(); at != nil && at.Position != nil {
			f.Line = at.Position.Line
		}
	}
	f.Text, _, _ = strings.Cut(strings.TrimSpace(f.Text), "\n")
	f.Text = "not YAML: " + f.Text
	return f
}

// tooMuch finds where brackets, or indicators on one line, nest too deep, or
// where there are too many keys.
func tooMuch(tokens token.Tokens) *Fault {
	line, flow, run, keys := 0, 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, run = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow = max(flow-1, 0)
		case token.SequenceEntryType, token.MappingKeyType, token.TagType, token.AnchorType:
			run++
		case token.MappingValueType:
			keys++
		}
		if flow > maxNesting || run > maxNesting {
			return &Fault{line, fmt.Sprintf("nested deeper than %d", maxNesting)}
		}
		if keys > maxKeys {
			return &Fault{line, fmt.Sprintf("more than %d keys", maxKeys)}
		}
	}
	return nil
}

func lineOf(node ast.Node) int {
	if node == nil {
		return 0
	}
	if at := node.GetToken(); at != nil && at.Position != nil {
		return at.Position.Line
	}
	return 0
}

func read(node ast.Node) (*Node, error) {
	n := &Node{Line: lineOf(node)}
	switch v := node.(type) {
	case nil, *ast.NullNode:
		return n, nil
	case *ast.StringNode:
		n.Kind, n.Text = Text, v.Value
	case *ast.LiteralNode:
		n.Kind, n.Text = Text, strings.TrimSuffix(v.Value.Value, "\n")
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		n.Kind, n.Text = Number, node.GetToken().Value
	case *ast.BoolNode:
		n.Kind, n.Text = Bool, fmt.Sprint(v.Value)
	case *ast.SequenceNode:
		n.Kind = List
		for _, item := range v.Values {
			inner, err := read(item)
			if err != nil {
				return nil, err
			}
			n.Items = append(n.Items, inner)
		}
	case ast.MapNode:
		n.Kind = Map
		return n, n.readMap(v)
	case *ast.AliasNode, *ast.AnchorNode, *ast.MergeKeyNode:
		return nil, &Fault{n.Line, "an anchor or alias: write the value out"}
	case *ast.TagNode:
		return nil, &Fault{n.Line, "a tagged value: write it plainly"}
	default:
		return nil, &Fault{n.Line, "a value that cannot be read"}
	}
	return n, nil
}

func (n *Node) readMap(m ast.MapNode) error {
	seen := map[string]int{}
	for entries := m.MapRange(); entries.Next(); {
		e := Entry{Line: lineOf(entries.Key())}
		switch k := entries.Key().(type) {
		case *ast.StringNode:
			e.Key = k.Value
		case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
			e.Key = k.GetToken().Value
		default:
			return &Fault{e.Line, "not a plain key"}
		}
		if first, again := seen[e.Key]; again {
			return &Fault{e.Line, fmt.Sprintf("%s stands twice; first on line %d", e.Key, first)}
		}
		seen[e.Key] = e.Line
		var err error
		if e.Value, err = read(entries.Value()); err != nil {
			return err
		}
		if e.Value.Line == 0 {
			e.Value.Line = e.Line
		}
		n.Entries = append(n.Entries, e)
	}
	return nil
}
