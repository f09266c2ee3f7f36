package warc

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxHeadBytes bounds a record's head when reading.
const MaxHeadBytes = 1 << 20

// knownVersions are those that were published, drafts included.
var knownVersions = map[string]bool{
	"WARC/0.17": true, "WARC/0.18": true, "WARC/0.9": true, "WARC/1.0": true, "WARC/1.1": true,
}

// parseHead reads a record's head, from its version line to the empty line,
// and tells what it forgave, at the given offset.
func parseHead(head []byte, offset int64) (version string, h Header, faults []Fault) {
	line, next := cutLine(head, 0)
	version = strings.TrimSpace(string(line))
	if !knownVersions[version] {
		faults = append(faults, Fault{offset, FaultVersion, fmt.Sprintf("version %.32q", version)})
	}
	if next >= 2 && head[next-1] == '\n' && head[next-2] != '\r' {
		faults = append(faults, Fault{offset, FaultLineEnds, "LF without CR"})
	}
	fields, more := parseFields(head[next:], offset)
	return version, fields, append(faults, more...)
}

// parseFields reads the fields of a head or of an application/warc-fields
// block. Values in an older charset than UTF-8 are taken as ISO 8859-1.
func parseFields(lines []byte, offset int64) (Header, []Fault) {
	var h Header
	var faults []Fault
	once := func(class FaultClass, text string) {
		for _, f := range faults {
			if f.Class == class {
				return
			}
		}
		faults = append(faults, Fault{offset, class, text})
	}
	for pos := 0; pos < len(lines); {
		line, next := cutLine(lines, pos)
		pos = next
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if (line[0] == ' ' || line[0] == '\t') && len(h) > 0 {
			last := &h[len(h)-1]
			once(FaultFolded, "field "+last.Name+" over several lines")
			if len(last.Value)+len(line) <= maxFoldedValue {
				last.Value = strings.TrimSpace(last.Value + " " + text(line))
			}
			continue
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if name = bytes.TrimSpace(name); !ok || len(name) == 0 {
			once(FaultField, fmt.Sprintf("line %.64q is no field", line))
			continue
		}
		h = append(h, Field{text(name), text(value)})
	}
	return h, faults
}

// text returns a trimmed value as UTF-8.
func text(b []byte) string {
	b = bytes.Trim(b, " \t\r")
	if utf8.Valid(b) {
		return string(b)
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

// contentLength returns the head's Content-Length, or -1 and the fault.
func contentLength(h Header, offset int64) (int64, []Fault) {
	values := h.Values(FieldContentLength)
	if len(values) == 0 {
		return -1, []Fault{{offset, FaultContentLength, "no Content-Length"}}
	}
	n, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil || n < 0 {
		return -1, []Fault{{offset, FaultContentLength, fmt.Sprintf("Content-Length %.32q", values[0])}}
	}
	for _, other := range values[1:] {
		if other != values[0] {
			return n, []Fault{{offset, FaultContentLength, fmt.Sprintf("Content-Length %s and %.32q", values[0], other)}}
		}
	}
	return n, nil
}
