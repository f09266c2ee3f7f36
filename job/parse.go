package job

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// MaxDocumentBytes is the size above which a document is not read.
const MaxDocumentBytes = 1 << 20

// Both are far above what a job document needs. They keep the YAML parser,
// which calls itself for each key of a map and each level, from deep recursion
// and from taking time with the square of the keys.
const (
	maxNesting = 50
	maxKeys    = 5000
)

// Parse reads and validates a job document in YAML (or JSON, its subset) and
// the seed files that it names, relative to the folder of name. Site rules are
// left to ReadSiteRules. All faults
// come at once, as Errors, each with the file (name, as given), line and key.
// Anchors, aliases, merge keys and tags are refused: a document means what it
// shows.
func Parse(name string, data []byte) (*Document, error) {
	return parse(name, data, os.Open)
}

// ParseAlone is Parse for documents from afar: seeds.files and paths of site
// rules are refused, and no file is read.
func ParseAlone(name string, data []byte) (*Document, error) {
	return parse(name, data, nil)
}

// ParseFile reads the document at path and calls Parse.
func ParseFile(path string) (*Document, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read job document: %w", err)
	}
	defer file.Close()
	data, err := readAtMost(file, MaxDocumentBytes+1)
	if err != nil {
		return nil, fmt.Errorf("read job document %s: %w", path, err)
	}
	return Parse(path, data)
}

func parse(name string, data []byte, open opener) (*Document, error) {
	r := &reader{file: name, doc: Default()}
	if r.file == "" {
		r.file = "job document"
	}
	r.read(data)
	if !r.broken {
		r.readSeedFiles(open)
		r.placeRules(open == nil)
		r.settle()
	}
	if err := r.faults.err(); err != nil {
		return nil, err
	}
	return r.doc, nil
}

// reader walks the YAML tree beside the tree of keys.
type reader struct {
	file   string
	doc    *Document
	faults Errors
	failed []string // keys whose values could not be read
	broken bool     // not even the keys could be read
}

// settle adds the faults of the document as a whole, but not those that only
// follow from a value that could not be read.
func (r *reader) settle() {
	for _, fault := range r.doc.settle() {
		follows := func(failed string) bool {
			return strings.HasPrefix(fault.Key, failed) || strings.HasPrefix(failed, fault.Key+".")
		}
		if slices.ContainsFunc(r.failed, follows) {
			continue
		}
		if fault.File == "" {
			fault.File = r.file
		}
		r.faults = append(r.faults, fault)
	}
}

func (r *reader) fault(line int, key, format string, args ...any) {
	r.failed = append(r.failed, key)
	r.faults = append(r.faults, Error{File: r.file, Line: line, Key: key, Text: fmt.Sprintf(format, args...)})
}

func (r *reader) read(data []byte) {
	// The YAML parser is not ours; what it cannot take must not end the process.
	defer func() {
		if p := recover(); p != nil {
			r.broken = true
			r.fault(0, "", "not YAML that can be read")
		}
	}()
	body, ok := r.parseYAML(data)
	if !ok {
		r.broken = true
		return
	}
	if body != nil {
		r.section(tree(), body)
	}
}

// parseYAML gives the one document's root; nil for an empty document.
func (r *reader) parseYAML(data []byte) (ast.Node, bool) {
	if len(data) > MaxDocumentBytes {
		r.fault(0, "", "larger than %s", Bytes(MaxDocumentBytes))
		return nil, false
	}
	tokens := lexer.Tokenize(string(data))
	if line, reason := tooMuch(tokens); reason != "" {
		r.fault(line, "", "%s", reason)
		return nil, false
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err)
		return nil, false
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType {
			bodies = append(bodies, doc.Body)
		}
	}
	if len(bodies) > 1 {
		r.fault(lineOf(bodies[1]), "", "a second document begins; a file holds one job")
		return nil, false
	}
	if len(bodies) == 0 {
		return nil, true
	}
	return bodies[0], true
}

func (r *reader) syntax(err error) {
	// Error would draw the surroundings of the fault, at great length.
	line, text := 0, "cannot be parsed"
	if told := yaml.Error(nil); errors.As(err, &told) {
		text = told.GetMessage()
		if at := told.GetToken(); at != nil && at.Position != nil {
			line = at.Position.Line
		}
	}
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	r.fault(line, "", "not YAML: %s", clip(text))
}

// tooMuch finds the line where brackets, or indicators on one line, nest
// deeper than maxNesting, or where there have been more than maxKeys keys.
func tooMuch(tokens token.Tokens) (line int, reason string) {
	flow, run, keys := 0, 0, 0
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
			return line, fmt.Sprintf("nested deeper than %d", maxNesting)
		}
		if keys > maxKeys {
			return line, fmt.Sprintf("more than %d keys", maxKeys)
		}
	}
	return 0, ""
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

// section reads the keys of one mapping.
func (r *reader) section(s *section, node ast.Node) {
	mapping, ok := node.(ast.MapNode)
	if !ok {
		r.fault(lineOf(node), s.name, "wants keys below it, not %s", describe(node))
		return
	}
	seen := map[string]int{}
	for entries := mapping.MapRange(); entries.Next(); {
		line := lineOf(entries.Key())
		name, ok := keyText(entries.Key())
		path := join(s.name, clip(name))
		if !ok {
			r.fault(line, s.name, "%s is not a plain key", describe(entries.Key()))
			continue
		}
		if first, again := seen[name]; again {
			r.fault(line, path, "stands twice; first on line %d", first)
			continue
		}
		seen[name] = line
		switch inner, key := s.section(name), s.key(name); {
		case inner != nil:
			r.doc.origins[path] = origin{file: r.file, line: line}
			r.section(inner, entries.Value())
		case key != nil:
			r.key(key, entries.Value(), line)
		default:
			r.unknown(s, name, line)
		}
	}
}

func (r *reader) unknown(s *section, name string, line int) {
	hint := ""
	if meant := suggest(s, name); meant != "" {
		hint = " (did you mean " + meant + "?)"
	}
	r.fault(line, join(s.name, clip(name)), "unknown key%s", hint)
}

func (r *reader) key(key *Key, node ast.Node, line int) {
	if key.Later != "" {
		r.fault(line, key.Path, "%s do not exist yet in this version", key.Later)
		return
	}
	r.doc.origins[key.Path] = origin{file: r.file, line: line}
	if key.kind == listKind {
		r.list(key, node, line)
		return
	}
	text, err := scalar(key.kind, node)
	if err == nil {
		err = key.set(r.doc, text)
	}
	if err != nil {
		r.fault(line, key.Path, "%s", err)
	}
}

func (r *reader) list(key *Key, node ast.Node, line int) {
	if mapping, ok := node.(ast.MapNode); ok && key.form == "pair" {
		r.pairs(key, mapping)
		return
	}
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		r.fault(line, key.Path, "wants a list, not %s", describe(node))
		return
	}
	values := make([]string, 0, len(sequence.Values))
	for i, item := range sequence.Values {
		path := fmt.Sprintf("%s[%d]", key.Path, i)
		text, err := scalar(textKind, item)
		if err != nil {
			r.fault(lineOf(item), path, "%s", err)
			return
		}
		r.doc.origins[path] = origin{file: r.file, line: lineOf(item)}
		values = append(values, text)
	}
	r.doc.setList(key, values)
}

// pairs reads the map form of a list of NAME=VALUE.
func (r *reader) pairs(key *Key, mapping ast.MapNode) {
	var values []string
	seen := map[string]bool{}
	for entries := mapping.MapRange(); entries.Next(); {
		line := lineOf(entries.Key())
		name, ok := keyText(entries.Key())
		text, err := scalar(textKind, entries.Value())
		switch {
		case !ok:
			r.fault(line, key.Path, "%s is not a plain key", describe(entries.Key()))
		case err != nil:
			r.fault(line, join(key.Path, clip(name)), "%s", err)
		case seen[name]:
			r.fault(line, join(key.Path, clip(name)), "stands twice")
		default:
			r.doc.origins[fmt.Sprintf("%s[%d]", key.Path, len(values))] = origin{file: r.file, line: line}
			values = append(values, name+"="+text)
		}
		seen[name] = true
	}
	r.doc.setList(key, values)
}

func (d *Document) setList(key *Key, values []string) {
	if len(values) == 0 {
		values = nil
	}
	key.value(d).Set(reflect.ValueOf(values))
}

func keyText(key ast.MapKeyNode) (string, bool) {
	switch k := key.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return k.GetToken().Value, true
	}
	return "", false
}

// scalar is the text of a value that fits the kind.
func scalar(want kind, node ast.Node) (string, error) {
	switch n := node.(type) {
	case *ast.StringNode:
		if want == countKind || want == boolKind {
			return "", fmt.Errorf("wants %s, not the text %q", want, clip(n.Value))
		}
		return n.Value, nil
	case *ast.LiteralNode:
		if want == textKind {
			return strings.TrimSuffix(n.Value.Value, "\n"), nil
		}
	case *ast.IntegerNode:
		switch want {
		case textKind:
			return "", fmt.Errorf("wants text; write it in quotes: %q", clip(n.GetToken().Value))
		case countKind, bytesKind, durationKind:
			return n.GetToken().Value, nil
		}
	case *ast.BoolNode:
		if want == boolKind {
			return fmt.Sprint(n.Value), nil
		}
	}
	return "", fmt.Errorf("wants %s, not %s", want, describe(node))
}

func describe(node ast.Node) string {
	switch n := node.(type) {
	case nil, *ast.NullNode:
		return "nothing"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a map"
	case *ast.SequenceNode:
		return "a list"
	case *ast.AliasNode, *ast.AnchorNode, *ast.MergeKeyNode:
		return "an anchor or alias (write the value out)"
	case *ast.TagNode:
		return "a tagged value"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	default:
		return clip(n.GetToken().Value)
	}
}
