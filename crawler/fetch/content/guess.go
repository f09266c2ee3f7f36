package content

import (
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
)

// guess names the encoding of bytes that declare none and are not UTF-8.
// Windows-1252 is what browsers fall back to.
func guess(body []byte) (encoding.Encoding, string) {
	return charset.Lookup("windows-1252")
}
