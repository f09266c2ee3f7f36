package job

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// Flags are the document's keys as command-line flags.
type Flags struct {
	flags []boundFlag
}

type boundFlag struct {
	key   *Key
	flag  *pflag.Flag
	value *flagValue
}

// flagValue keeps what was given as text; Apply reads it, so that all faults
// come at once and with one wording for flags, environment and document.
type flagValue struct {
	key  *Key
	text []string
}

func (v *flagValue) Set(text string) error {
	if v.key.kind != listKind {
		v.text = v.text[:0]
	}
	v.text = append(v.text, text)
	return nil
}

// String is the default as help shows it, or what was given.
func (v *flagValue) String() string {
	if v.key == nil {
		return ""
	}
	if len(v.text) == 0 && !v.key.negated {
		return v.key.Default
	}
	return strings.Join(v.text, ",")
}

// Type is the placeholder in help; pflag leaves it out for "bool".
func (v *flagValue) Type() string {
	switch {
	case v.key == nil:
		return ""
	case v.key.kind == boolKind:
		return "bool"
	case len(v.key.Enum) > 1:
		return strings.Join(v.key.Enum, "|")
	}
	return v.key.Arg
}

// BindFlags defines a flag for every key that has one.
func BindFlags(fs *pflag.FlagSet) *Flags {
	f := &Flags{}
	for _, key := range allKeys() {
		if key.Flag == "" {
			continue
		}
		value := &flagValue{key: key}
		flag := fs.VarPF(value, key.Flag, "", key.help())
		// Apply reads their variables: who does so for other flags leaves
		// these alone.
		flag.Annotations = map[string][]string{"job": {key.Path}}
		if key.kind == boolKind {
			flag.NoOptDefVal = "true"
		}
		switch {
		case key.negated || key.Default == "false":
			flag.DefValue = "" // what is off by default needs no mention
		case strings.HasPrefix(key.Default, "0"):
			flag.DefValue = "none"
		}
		f.flags = append(f.flags, boundFlag{key, flag, value})
	}
	return f
}

// help is the key's explanation as help shows it.
func (k *Key) help() string {
	text := k.Doc
	if k.negated {
		text = "do not " + k.Doc
	}
	switch {
	case k.Later != "":
		return text + " (not in this version)"
	case len(k.notYet) > 0:
		text += ": " + strings.Join(k.Enum, ", ") + " (" + strings.Join(k.notYet, " and ") + " not in this version)"
	}
	if k.kind == listKind {
		text += "; may be repeated"
	}
	if k.shown != "" {
		text += " (default " + k.shown + ")"
	}
	return text
}

// Apply puts what was given as flag or, failing that, in the environment over
// the document, and validates the result. Precedence: flags, environment,
// document, default. Lists replace the document's; in a variable their items
// stand one a line (those of NEWSREEL_RESOLVE may be parted by commas). An
// empty variable counts as none. Faults come all at once, as Errors that name
// the flag or the variable.
func (f *Flags) Apply(doc *Document, lookupEnv func(string) (string, bool)) error {
	if doc.origins == nil {
		doc.origins = map[string]origin{}
	}
	var faults Errors
	for _, bound := range f.flags {
		values, from := bound.given(lookupEnv)
		if values == nil {
			continue
		}
		if err := doc.override(bound.key, values, from); err != nil {
			faults = append(faults, Error{Key: from, Text: err.Error()})
		}
	}
	faults = append(faults, doc.settle()...)
	return faults.err()
}

// Given says whether a flag was on the command line for this key.
func (f *Flags) Given(path string) bool {
	for _, bound := range f.flags {
		if bound.key.Path == path {
			return bound.flag.Changed
		}
	}
	return false
}

func (b boundFlag) given(lookupEnv func(string) (string, bool)) (values []string, from string) {
	if b.flag.Changed {
		return b.value.text, "--" + b.key.Flag
	}
	text, ok := lookupEnv(b.key.Env)
	if !ok || text == "" {
		return nil, ""
	}
	if b.key.kind != listKind {
		return []string{text}, b.key.Env
	}
	if b.key.form == "pair" {
		text = strings.ReplaceAll(text, ",", "\n")
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			values = append(values, line)
		}
	}
	return values, b.key.Env
}

// override sets a key from a flag or variable called from.
func (d *Document) override(key *Key, values []string, from string) error {
	if key.Later != "" {
		return fmt.Errorf("%s do not exist yet in this version", key.Later)
	}
	if len(values) == 0 {
		return errors.New("wants a value")
	}
	for path := range d.origins {
		if strings.HasPrefix(path, key.Path+"[") {
			delete(d.origins, path)
		}
	}
	d.origins[key.Path] = origin{name: from}
	if key.kind == listKind {
		d.setList(key, append([]string(nil), values...))
		return nil
	}
	text := values[len(values)-1]
	if key.kind == boolKind {
		text = strings.ToLower(text)
		if text == "1" || text == "0" {
			text = map[string]string{"1": "true", "0": "false"}[text]
		}
		if key.negated {
			text = opposite(text)
		}
	}
	return key.set(d, text)
}

func opposite(text string) string {
	switch text {
	case "true":
		return "false"
	case "false":
		return "true"
	}
	return text
}
