package job

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Reference is the table of keys for the documentation, in Markdown.
func Reference() string {
	var b strings.Builder
	b.WriteString("| key | flag | variable | value | default | meaning |\n")
	b.WriteString("| --- | --- | --- | --- | --- | --- |\n")
	for _, key := range allKeys() {
		meaning := key.Doc
		if key.Later != "" {
			meaning += " (not in this version)"
		}
		if len(key.notYet) > 0 {
			meaning += " (" + strings.Join(key.notYet, ", ") + ": not in this version)"
		}
		if key.negated {
			meaning += "; the flag turns it off"
		}
		row := []string{code(key.Path), code(flagText(key)), code(key.Env), valueText(key), defaultText(key), meaning}
		for i := range row {
			row[i] = strings.ReplaceAll(row[i], "|", `\|`)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	return b.String()
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

func flagText(key *Key) string {
	switch {
	case key.Flag == "" && strings.HasPrefix(key.Path, "seeds.urls"):
		return "URL…"
	case key.Flag == "":
		return ""
	case key.kind == boolKind:
		return "--" + key.Flag
	}
	return "--" + key.Flag + " " + key.Arg
}

func valueText(key *Key) string {
	switch {
	case key.Enum != nil:
		return strings.Join(key.Enum, ", ")
	case key.form == "url":
		return "list of URLs"
	case key.form == "regexp":
		return "list of regular expressions"
	case key.form == "pair":
		return "list of NAME=ADDR, or a map"
	}
	text := strings.TrimPrefix(key.kind.String(), "a ")
	if key.min != "" && key.max != "" {
		text += fmt.Sprintf(", %s to %s", key.min, key.max)
	}
	return text
}

func defaultText(key *Key) string {
	if key.shown != "" {
		return key.shown
	}
	return code(key.Default)
}

// indent writes JSON for people.
func indent(out *strings.Builder, data []byte) {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, data, "", "  "); err != nil {
		panic("job: " + err.Error())
	}
	out.Write(pretty.Bytes())
	out.WriteByte('\n')
}
