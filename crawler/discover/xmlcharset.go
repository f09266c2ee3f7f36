package discover

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"
)

// xmlUTF8 decodes an XML document by its byte order mark or its declaration.
// What is valid UTF-8 beyond ASCII stays so whatever it declares: it was
// decoded on the way, or its declaration is wrong.
func xmlUTF8(doc []byte) (utf8Doc []byte, fault string) {
	switch {
	case bytes.HasPrefix(doc, []byte("\xEF\xBB\xBF")):
		return doc[3:], ""
	case bytes.HasPrefix(doc, []byte("\xFF\xFE")), bytes.HasPrefix(doc, []byte("\xFE\xFF")):
		dec := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
		if out, err := dec.Bytes(doc); err == nil {
			return out, ""
		}
		return doc, "not utf-16 as its mark says"
	case bytes.HasPrefix(doc, []byte("<\x00?\x00")):
		return utf16(doc, unicode.LittleEndian)
	case bytes.HasPrefix(doc, []byte("\x00<\x00?")):
		return utf16(doc, unicode.BigEndian)
	}
	if utf8.Valid(doc) {
		return doc, ""
	}
	label := declaredCharset(doc)
	if label == "" || equalFold([]byte(label), "utf-8") {
		return doc, "not utf-8"
	}
	enc, name := charset.Lookup(label)
	if enc == nil || name == "utf-16le" || name == "utf-16be" || name == "replacement" {
		return doc, "unknown charset " + label
	}
	out, err := enc.NewDecoder().Bytes(doc)
	if err != nil {
		return doc, "not " + name
	}
	return out, ""
}

func utf16(doc []byte, order unicode.Endianness) ([]byte, string) {
	out, err := unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Bytes(doc)
	if err != nil {
		return doc, "not utf-16 as it begins"
	}
	return out, ""
}

// declaredCharset gives the encoding of the XML declaration, or "".
func declaredCharset(doc []byte) string {
	doc = bytes.TrimLeft(doc[:min(len(doc), 256)], blanks)
	if !bytes.HasPrefix(doc, []byte("<?xml")) {
		return ""
	}
	end := bytes.Index(doc, []byte("?>"))
	at := bytes.Index(doc, []byte("encoding"))
	if end < 0 || at < 0 || at > end {
		return ""
	}
	rest := bytes.TrimLeft(doc[at+len("encoding"):end], " \t\r\n=")
	if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
		return ""
	}
	value, _, _ := bytes.Cut(rest[1:], rest[:1])
	return string(bytes.ToLower(value))
}
