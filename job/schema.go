package job

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// SchemaID names the schema of the job document.
const SchemaID = "urn:newsreel:job"

// The patterns are a little wider than ParseBytes and ParseDuration, which have
// the last word (bounds, overflow).
const (
	sizePattern     = `^[0-9]+(\.[0-9]+)? *([kKmMgGtT][iI]?)?[bB]?$`
	durationPattern = `^(0|([0-9]+d)?([0-9.]+(ns|us|µs|ms|s|m|h))*)$`
	namePattern     = `^[a-z0-9][a-z0-9-]{0,59}$`
	urlPattern      = `^\s*[hH][tT][tT][pP][sS]?://.`
	pairPattern     = `^.+=.+$`
)

// Schema is the JSON Schema (2020-12) of the job document, indented. It knows
// keys, types, bounds and allowed values; what ties several keys together is
// for Parse alone.
func Schema() []byte {
	root := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", SchemaID},
		{"title", "newsreel job"},
	}
	root = append(root, sectionSchema(tree())...)
	data, err := json.Marshal(append(root, member{"required", []string{"seeds"}}))
	if err != nil {
		panic("job: schema cannot be JSON: " + err.Error())
	}
	var out strings.Builder
	indent(&out, data)
	return []byte(out.String())
}

func sectionSchema(s *section) object {
	properties := object{}
	for _, name := range s.order {
		if key := s.key(name); key != nil {
			properties = append(properties, member{name, keySchema(key)})
			continue
		}
		inner := s.section(name)
		properties = append(properties, member{name, append(object{{"description", inner.doc}}, sectionSchema(inner)...)})
	}
	return object{{"type", "object"}, {"additionalProperties", false}, {"properties", properties}}
}

func keySchema(key *Key) object {
	schema := object{{"description", key.Doc}}
	if key.Later != "" {
		return object{{"description", key.Doc + " (" + key.Later + " do not exist yet in this version)"}, {"not", object{}}}
	}
	switch key.kind {
	case boolKind:
		schema = append(schema, member{"type", "boolean"})
	case countKind:
		schema = append(schema, member{"type", "integer"})
		schema = append(schema, countBounds(key)...)
	case bytesKind:
		schema = append(schema, textOrCount(key, sizePattern)...)
	case durationKind:
		schema = append(schema, member{"oneOf", []object{
			{{"type", "string"}, {"pattern", durationPattern}, {"minLength", 1}}, {{"const", 0}},
		}})
	case listKind:
		schema = append(schema, listSchema(key)...)
	default:
		schema = append(schema, member{"type", "string"})
		if key.Path == "name" || key.Path == "collection" {
			schema = append(schema, member{"pattern", namePattern})
		}
	}
	if key.Enum != nil {
		schema = append(schema, member{"enum", key.Enum})
	}
	if key.Default != "" {
		schema = append(schema, member{"default", key.defaultValue()})
	}
	return schema
}

func countBounds(key *Key) (bounds object) {
	if low, err := key.kind.parse(key.min); err == nil && key.min != "" {
		bounds = append(bounds, member{"minimum", low})
	}
	if high, err := key.kind.parse(key.max); err == nil && key.max != "" {
		bounds = append(bounds, member{"maximum", high})
	}
	return bounds
}

func textOrCount(key *Key, pattern string) object {
	return object{{"oneOf", []object{
		{{"type", "string"}, {"pattern", pattern}},
		append(object{{"type", "integer"}}, countBounds(key)...),
	}}}
}

func listSchema(key *Key) object {
	item := object{{"type", "string"}}
	switch key.form {
	case "url":
		item = append(item, member{"pattern", urlPattern})
	case "regexp":
		item = append(item, member{"minLength", 1})
	case "pair":
		item = append(item, member{"pattern", pairPattern})
		return object{{"oneOf", []object{
			{{"type", "array"}, {"items", item}},
			{{"type", "object"}, {"additionalProperties", object{{"type", "string"}}}},
		}}}
	}
	return object{{"type", "array"}, {"items", item}}
}

// defaultValue is the default as JSON has it.
func (k *Key) defaultValue() any {
	switch k.kind {
	case boolKind:
		return k.Default == "true"
	case countKind:
		if n, err := strconv.ParseInt(k.Default, 10, 64); err == nil {
			return n
		}
	}
	return k.Default
}

// object is a JSON object that keeps its order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, m := range o {
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, fmt.Errorf("member %s: %w", m.name, err)
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Quote(m.name) + ":" + string(value))
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}
