package weburl

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

// QueryEncoding gives the encoding in which a document of the given charset
// writes the queries of its links: nil, which means UTF-8, for UTF-8, UTF-16
// and charsets that are not known (Encoding standard, get an output encoding).
func QueryEncoding(charset string) encoding.Encoding {
	charset = strings.TrimSpace(charset)
	if charset == "" || strings.EqualFold(charset, "utf-8") {
		return nil
	}
	enc, err := htmlindex.Get(charset)
	if err != nil {
		return nil
	}
	switch name, _ := htmlindex.Name(enc); name {
	case "utf-8", "utf-16le", "utf-16be", "replacement":
		return nil
	}
	return enc
}

// appendQuery appends s, which is empty or begins with "?".
func appendQuery(dst []byte, s string, enc encoding.Encoding) []byte {
	if enc != nil && !ascii(s) {
		return appendEncodedQuery(dst, s, enc)
	}
	i := 0
	for i < len(s) {
		run := i
		for run < len(s) && class[s[run]]&queryPlain != 0 {
			run++
		}
		dst = append(dst, s[i:run]...)
		if i = run; i < len(s) {
			dst, i = appendCoded(dst, s, i)
		}
	}
	return dst
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// appendEncodedQuery does the standard's "percent-encode after encoding". What
// the encoding cannot say becomes a numeric character reference, coded.
func appendEncodedQuery(dst []byte, s string, enc encoding.Encoding) []byte {
	e := enc.NewEncoder()
	for len(s) > 0 {
		out, n := encodeRun(e, s)
		for _, c := range out {
			if class[c]&queryPlain != 0 {
				dst = append(dst, c)
			} else {
				dst = append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
			}
		}
		if s = s[n:]; s == "" {
			break
		}
		r, size := utf8.DecodeRuneInString(s)
		dst = append(dst, "%26%23"...)
		dst = strconv.AppendInt(dst, int64(r), 10)
		dst = append(dst, "%3B"...)
		s = s[size:]
	}
	return dst
}

// encodeRun encodes the longest prefix of s that the encoding has characters
// for, ending in its initial state, and gives the prefix's length.
func encodeRun(e *encoding.Encoder, s string) (out []byte, n int) {
	if out, err := e.Bytes([]byte(s)); err == nil {
		return out, len(s)
	}
	// Encoders stop at the first character that they lack. What they wrote
	// until then may end in a shifted state, so the prefix is encoded anew.
	e.Reset()
	buf := make([]byte, 8*len(s)+16)
	_, n, _ = e.Transform(buf, []byte(s), true)
	out, err := e.Bytes([]byte(s[:n]))
	if err != nil {
		return nil, 0
	}
	return out, n
}
