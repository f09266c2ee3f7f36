package job

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Key is one key of the job document, as the struct tags of Document give it.
type Key struct {
	Path    string   // as in YAML, with dots: limits.pages
	Flag    string   // without dashes, or empty where there is none
	Env     string   // environment variable of the flag, or empty
	Doc     string   // what it means, in a phrase
	Default string   // as it would be written; empty for none
	Arg     string   // what the flag's value is called
	Enum    []string // the values allowed, or nil for any
	Later   string   // what does not exist yet, so that the key is refused; or empty

	shown    string // the default in words, where it is worked out
	kind     kind
	form     string // what the text of a string must be: url, regexp, pair
	notYet   []string
	min, max string
	negated  bool // the flag says the opposite of the key
	index    []int
}

// section is a key that holds keys.
type section struct {
	name     string
	doc      string
	sections []*section
	keys     []*Key
	order    []string // the names of both, as declared
}

type kind int

const (
	textKind kind = iota
	boolKind
	countKind
	bytesKind
	durationKind
	listKind
)

func (k kind) String() string {
	return [...]string{"text", "true or false", "a whole number", "a size", "a duration", "a list"}[k]
}

// tree is the document's keys; it is read from the struct tags once and never
// changes.
var tree = sync.OnceValue(func() *section {
	return readSection("", reflect.TypeFor[Document](), "", nil)
})

// allKeys are the leaves of tree in the order of the document.
var allKeys = sync.OnceValue(func() []*Key { return tree().leaves(nil) })

// Keys lists every key of the document, in its order.
func Keys() []Key {
	keys := make([]Key, 0, len(allKeys()))
	for _, key := range allKeys() {
		keys = append(keys, *key)
	}
	return keys
}

func (s *section) leaves(into []*Key) []*Key {
	for _, name := range s.order {
		if key := s.key(name); key != nil {
			into = append(into, key)
		} else {
			into = s.section(name).leaves(into)
		}
	}
	return into
}

func (s *section) key(name string) *Key {
	for _, key := range s.keys {
		if lastPart(key.Path) == name {
			return key
		}
	}
	return nil
}

func (s *section) section(name string) *section {
	for _, inner := range s.sections {
		if lastPart(inner.name) == name {
			return inner
		}
	}
	return nil
}

func lastPart(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func readSection(path string, record reflect.Type, doc string, index []int) *section {
	s := &section{name: path, doc: doc}
	for i := range record.NumField() {
		field := record.Field(i)
		if !field.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		at := append(slices.Clone(index), i)
		s.order = append(s.order, name)
		if field.Type.Kind() == reflect.Struct {
			s.sections = append(s.sections, readSection(join(path, name), field.Type, field.Tag.Get("doc"), at))
		} else {
			s.keys = append(s.keys, readKey(join(path, name), field, at))
		}
	}
	return s
}

func readKey(path string, field reflect.StructField, index []int) *Key {
	tag := field.Tag
	key := &Key{
		Path: path, Flag: tag.Get("flag"), Doc: tag.Get("doc"), Default: tag.Get("default"), Arg: tag.Get("arg"),
		Later: tag.Get("later"), Enum: parts(tag.Get("enum")), shown: tag.Get("shown"), form: tag.Get("kind"),
		notYet: parts(tag.Get("notyet")), min: tag.Get("min"), max: tag.Get("max"),
		kind: kindOf(field.Type), index: index,
	}
	key.negated = strings.HasPrefix(key.Flag, "no-")
	if key.Flag != "" {
		key.Env = "NEWSREEL_" + strings.ToUpper(strings.ReplaceAll(key.Flag, "-", "_"))
	}
	return key
}

func parts(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, "|")
}

func kindOf(t reflect.Type) kind {
	switch t {
	case reflect.TypeFor[Bytes]():
		return bytesKind
	case reflect.TypeFor[Duration]():
		return durationKind
	}
	switch t.Kind() {
	case reflect.Bool:
		return boolKind
	case reflect.Int64:
		return countKind
	case reflect.Slice:
		return listKind
	default:
		return textKind
	}
}

// value is the key's field in a document.
func (k *Key) value(doc *Document) reflect.Value {
	return reflect.ValueOf(doc).Elem().FieldByIndex(k.index)
}

// text is the key's value as it would be written, "" for an absent text; it is
// not for lists.
func (k *Key) text(doc *Document) string {
	return fmt.Sprint(k.value(doc).Interface())
}

// list is the value of a key of kind list.
func (k *Key) list(doc *Document) []string {
	return k.value(doc).Interface().([]string)
}

// set reads a scalar's text into the document, with the checks that concern
// this key alone.
func (k *Key) set(doc *Document, text string) error {
	if err := k.check(text); err != nil {
		return err
	}
	value, err := k.parse(text)
	if err != nil {
		return err
	}
	switch k.kind {
	case textKind:
		k.value(doc).SetString(text)
	case boolKind:
		k.value(doc).SetBool(value == 1)
	default:
		k.value(doc).SetInt(value)
	}
	return nil
}

// check says what is wrong with a scalar's text, whatever other keys say.
func (k *Key) check(text string) error {
	if slices.Contains(k.notYet, text) {
		return fmt.Errorf("%s does not exist yet in this version", text)
	}
	if k.Enum != nil && !slices.Contains(k.Enum, text) {
		return fmt.Errorf("%q is not %s", clip(text), anyOf(k.Enum))
	}
	_, err := k.parse(text)
	return err
}

// parse gives numbers, sizes (bytes), durations (nanoseconds) and booleans (0
// or 1) as an integer within the key's bounds.
func (k *Key) parse(text string) (int64, error) {
	value, err := k.kind.parse(text)
	if err != nil {
		return 0, err
	}
	if low, err := k.kind.parse(k.min); k.min != "" && err == nil && value < low {
		return 0, fmt.Errorf("%s is less than %s", clip(text), k.min)
	}
	if high, err := k.kind.parse(k.max); k.max != "" && err == nil && value > high {
		return 0, fmt.Errorf("%s is more than %s", clip(text), k.max)
	}
	return value, nil
}

func (k kind) parse(text string) (int64, error) {
	switch k {
	case boolKind:
		switch text {
		case "true":
			return 1, nil
		case "false":
			return 0, nil
		}
		return 0, fmt.Errorf("%q is not true or false", clip(text))
	case countKind:
		value, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%q is not a whole number", clip(text))
		}
		return value, nil
	case bytesKind:
		value, err := ParseBytes(text)
		return int64(value), err
	case durationKind:
		value, err := ParseDuration(text)
		return int64(value), err
	default:
		return 0, nil
	}
}

// anyOf is "a", "a or b", "one of a, b, c".
func anyOf(values []string) string {
	if len(values) <= 2 {
		return strings.Join(values, " or ")
	}
	return "one of " + strings.Join(values, ", ")
}

// Default is a document with every default and no seeds.
func Default() *Document {
	doc := &Document{origins: map[string]origin{}}
	for _, key := range allKeys() {
		if key.Default == "" {
			continue
		}
		if err := key.set(doc, key.Default); err != nil {
			panic("job: default of " + key.Path + ": " + err.Error())
		}
	}
	return doc
}
