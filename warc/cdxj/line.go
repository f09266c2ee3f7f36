package cdxj

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"newsreel/warc"
)

// RevisitMIME stands for the media type in the lines of revisit records.
const RevisitMIME = "warc/revisit"

// UnknownMIME stands for a media type that nothing tells, as in the indexes of
// other tools. Lines made of records alone (FromRecord) leave the field out.
const UnknownMIME = "unk"

// Line is one line of an index: a capture and where its record stands.
type Line struct {
	SURT      string
	Timestamp string // 14 digits: UTC, to the second
	URL       string
	MIME      string      // as the Content-Type says, without parameters; "" if unknown
	Status    int         // of HTTP; 0 if there is none
	Digest    warc.Digest // of the payload, with its label: "sha1:…"
	Length    int64       // of the record's gzip member, in bytes
	Offset    int64
	Filename  string // without folders
}

// Append appends the line, with the line feed that ends it:
// `SURT TIMESTAMP {"url":…,"mime":…,"status":…,"digest":…,"length":…,"offset":…,"filename":…}`,
// all values strings. MIME, Status and Digest are left out where there are
// none. A blank or control byte in the SURT (of a URL that none can be made
// of) is percent-encoded, so that a line stays one.
func (l Line) Append(dst []byte) []byte {
	const hexDigits = "0123456789ABCDEF"
	for i := 0; i < len(l.SURT); i++ {
		if c := l.SURT[i]; c <= ' ' || c == 0x7f {
			dst = append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
		} else {
			dst = append(dst, c)
		}
	}
	dst = append(append(dst, ' '), l.Timestamp...)
	dst = appendString(append(dst, ` {"url":`...), l.URL)
	if l.MIME != "" {
		dst = appendString(append(dst, `,"mime":`...), l.MIME)
	}
	if l.Status != 0 {
		dst = append(dst, `,"status":"`...)
		dst = append(strconv.AppendInt(dst, int64(l.Status), 10), '"')
	}
	if l.Digest != "" {
		dst = appendString(append(dst, `,"digest":`...), string(l.Digest))
	}
	dst = append(dst, `,"length":"`...)
	dst = strconv.AppendInt(dst, l.Length, 10)
	dst = append(dst, `","offset":"`...)
	dst = strconv.AppendInt(dst, l.Offset, 10)
	dst = append(dst, `","filename":`...)
	dst = appendString(dst, l.Filename)
	return append(dst, "}\n"...)
}

// appendString appends s as a JSON string with no more escapes than JSON asks
// for, as ECMAScript's JSON.stringify does. Bytes that are not UTF-8 become
// U+FFFD.
func appendString(dst []byte, s string) []byte {
	const hexDigits = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= ' ' && c < utf8.RuneSelf:
			dst = append(dst, c)
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += size
			continue
		default:
			if j := strings.IndexByte("\b\t\n\f\r", c); j >= 0 {
				dst = append(dst, '\\', "btnfr"[j])
			} else {
				dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
		}
		i++
	}
	return append(dst, '"')
}

// ErrLine is matched by the errors of ParseLine.
var ErrLine = errors.New("malformed CDXJ line")

// jsonText is a JSON string or number, which tools write in turn.
type jsonText string

func (t *jsonText) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(t))
	}
	if !bytes.Equal(b, []byte("null")) {
		*t = jsonText(b)
	}
	return nil
}

// ParseLine reads a line, with or without its line feed. Numbers may be
// written as numbers, timestamps may have from 4 to 17 digits (what is beyond
// the second is cut), unknown fields are passed over.
func ParseLine(line []byte) (Line, error) {
	line = bytes.TrimRight(line, "\r\n")
	head, _, ok := bytes.Cut(line, []byte(" {"))
	if !ok {
		return Line{}, fmt.Errorf("%w: no JSON block", ErrLine)
	}
	i := bytes.LastIndexByte(head, ' ')
	if i < 0 {
		return Line{}, fmt.Errorf("%w: no timestamp", ErrLine)
	}
	l := Line{SURT: string(head[:i]), Timestamp: string(head[i+1:])}
	if n := len(l.Timestamp); n < 4 || n > 17 || strings.Trim(l.Timestamp, "0123456789") != "" {
		return Line{}, fmt.Errorf("%w: timestamp %.32q", ErrLine, l.Timestamp)
	}
	l.Timestamp = l.Timestamp[:min(14, len(l.Timestamp))]
	var fields struct {
		URL, MIME, Status, Digest, Length, Offset, Filename jsonText
	}
	if err := json.Unmarshal(line[len(head)+1:], &fields); err != nil {
		return Line{}, fmt.Errorf("%w: %w", ErrLine, err)
	}
	l.URL, l.MIME, l.Filename = string(fields.URL), string(fields.MIME), string(fields.Filename)
	l.Digest = warc.Digest(fields.Digest)
	l.Status, _ = strconv.Atoi(string(fields.Status))
	var err error
	if l.Length, err = parseCount(fields.Length); err != nil {
		return Line{}, fmt.Errorf("%w: length: %w", ErrLine, err)
	}
	if l.Offset, err = parseCount(fields.Offset); err != nil {
		return Line{}, fmt.Errorf("%w: offset: %w", ErrLine, err)
	}
	return l, nil
}

// parseCount reads a number of bytes; an empty one is 0.
func parseCount(t jsonText) (int64, error) {
	if t == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(string(t), 10, 63)
	return int64(n), err
}

// Sort sorts whole lines by their bytes, which is the order of an index.
func Sort(lines [][]byte) { slices.SortFunc(lines, bytes.Compare) }
