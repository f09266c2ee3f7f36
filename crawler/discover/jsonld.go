package discover

import (
	"bytes"
	"encoding/json"
	"strings"
)

// eachJSONLD calls yield with the addresses in a JSON-LD script: pictures as
// assets, url and @id as identities. It looks at strings and the keys above
// them without parsing the rest, so that broken JSON gives what is readable in
// it. (schema.org: image, thumbnailUrl, contentUrl, url, mainEntityOfPage)
func eachJSONLD(text []byte, yield func(ref []byte, kind Kind)) {
	w := jsonWalker{text: text}
	for w.next() {
		if kind := w.kind(); kind != "" && likeAddress(w.value) {
			yield(w.value, kind)
		}
	}
}

func isJSONLD(mediaType []byte) bool {
	mediaType, _, _ = bytes.Cut(mediaType, []byte(";"))
	return equalFold(bytes.TrimSpace(mediaType), "application/ld+json")
}

// likeAddress tells absolute addresses and absolute paths from names such as
// "#primaryimage" or "_:b0".
func likeAddress(s []byte) bool {
	return len(s) > 0 && s[0] == '/' || bytes.HasPrefix(s, []byte("http://")) || bytes.HasPrefix(s, []byte("https://"))
}

// jsonWalker goes from string value to string value. keys[i] is the key whose
// value the i-th open object or array is.
type jsonWalker struct {
	text  []byte
	pos   int
	keys  []jsonKey
	key   jsonKey // last read at this level
	value []byte
}

// jsonKey is a key as far as it matters here.
type jsonKey uint8

const (
	keyOther    jsonKey = iota
	keyURL              // url, @id
	keyImage            // image and its like: all addresses below are pictures
	keyPicture          // contentUrl, thumbnailUrl
	keyMainPage         // mainEntityOfPage
)

const maxJSONDepth = 64

// next goes to the next string that is a value; false at the end, or where the
// nesting is deeper than sense.
func (w *jsonWalker) next() bool {
	for {
		i := bytes.IndexAny(w.text[w.pos:], `"{}[],`)
		if i < 0 {
			return false
		}
		w.pos += i + 1
		switch w.text[w.pos-1] {
		case '{', '[':
			if len(w.keys) == maxJSONDepth {
				return false
			}
			w.keys = append(w.keys, w.key)
			if w.text[w.pos-1] == '{' {
				w.key = keyOther
			}
		case '}', ']':
			if n := len(w.keys); n > 0 {
				w.key, w.keys = w.keys[n-1], w.keys[:n-1]
			}
		case '"':
			s, ok := w.str()
			if !ok {
				return false
			}
			if w.isKey() {
				w.key = keyOf(s)
				continue
			}
			if w.key != keyOther {
				w.value = unescapeJSON(s)
				return true
			}
		}
	}
}

// str gives the raw string that begins at pos and goes past it.
func (w *jsonWalker) str() ([]byte, bool) {
	start := w.pos
	for p := start; ; {
		i := bytes.IndexByte(w.text[p:], '"')
		if i < 0 {
			return nil, false
		}
		p += i
		slashes := 0
		for p-slashes > start && w.text[p-slashes-1] == '\\' {
			slashes++
		}
		p++
		if slashes%2 == 0 {
			w.pos = p
			return w.text[start : p-1], true
		}
	}
}

func (w *jsonWalker) isKey() bool {
	for p := w.pos; p < len(w.text); p++ {
		if !space(w.text[p]) {
			return w.text[p] == ':'
		}
	}
	return false
}

func keyOf(s []byte) jsonKey {
	switch string(s) {
	case "url", "@id":
		return keyURL
	case "image", "images", "primaryImageOfPage", "thumbnail", "associatedMedia":
		return keyImage
	case "contentUrl", "thumbnailUrl":
		return keyPicture
	case "mainEntityOfPage":
		return keyMainPage
	}
	return keyOther
}

// kind judges the current value by its key and those of what it stands in.
func (w *jsonWalker) kind() Kind {
	inImage := false
	for _, k := range w.keys {
		inImage = inImage || k == keyImage
	}
	switch w.key {
	case keyImage, keyPicture:
		return KindAsset
	case keyURL:
		if inImage {
			return KindAsset
		}
		return KindIdentity
	case keyMainPage:
		return KindIdentity
	}
	return ""
}

func unescapeJSON(s []byte) []byte {
	if bytes.IndexByte(s, '\\') < 0 {
		return s
	}
	var out string
	if err := json.Unmarshal(append(append([]byte{'"'}, s...), '"'), &out); err != nil {
		return []byte(strings.ReplaceAll(string(s), `\/`, "/"))
	}
	return []byte(out)
}
