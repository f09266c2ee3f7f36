package rules

import (
	"bytes"
	"encoding/json"
)

// SchemaID names the schema of a site rule.
const SchemaID = "urn:newsreel:site-rule"

// object is a JSON object whose keys come out in their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(append(append(name, ':'), value...))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Schema is the JSON Schema (2020-12) of a site rule, indented. It knows keys
// and forms; selectors, patterns, formats and zones are for Parse alone.
func Schema() []byte {
	root := object{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"$id", SchemaID}, {"title", "newsreel site rule"}}
	data, err := json.Marshal(append(root, mapSchema(ruleKeys)...))
	if err != nil {
		panic("rules: schema cannot be JSON: " + err.Error())
	}
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		panic("rules: schema cannot be indented: " + err.Error())
	}
	out.WriteByte('\n')
	return out.Bytes()
}

func mapSchema(keys []key) object {
	properties, required := object{}, []string{}
	for i := range keys {
		k := &keys[i]
		properties = append(properties, member{k.name, append(object{{"description", k.doc}}, formSchema(k)...)})
		if k.required {
			required = append(required, k.name)
		}
	}
	schema := object{{"type", "object"}, {"additionalProperties", false}, {"properties", properties}}
	if len(required) > 0 {
		schema = append(schema, member{"required", required})
	}
	return schema
}

func formSchema(k *key) object {
	one := object{{"type", "string"}}
	many := object{{"type", "array"}, {"items", one}}
	switch k.form {
	case text:
		if k.name == "name" {
			one = append(one, member{"pattern", ruleName.String()})
		}
		return one
	case section:
		return mapSchema(k.keys)
	case sections:
		return object{{"type", "array"}, {"items", mapSchema(k.keys)}}
	case field, date:
		return object{{"anyOf", []object{one, many, mapSchema(k.keys)}}}
	case values:
		one = object{{"type", []string{"string", "number", "boolean"}}}
		return object{{"anyOf", []object{one, {{"type", "array"}, {"items", one}}}}}
	}
	return object{{"anyOf", []object{one, many}}}
}
