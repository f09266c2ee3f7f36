package gold

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// Unfamiliar makes a page one of a publisher that nobody has seen: each class, id
// and role gets a name that says nothing, the same one throughout, and JSON-LD
// says nothing of the body. What is left is what the markup, the text and other
// metadata say. Names that tell whether an element is shown stay: a reader sees
// that.
func Unfamiliar(page []byte) []byte {
	var out bytes.Buffer
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			out.Write(z.Raw())
			return bytes.ReplaceAll(out.Bytes(), []byte(`"articleBody"`), []byte(`"xrticleBody"`))
		}
		raw := bytes.Clone(z.Raw())
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			out.Write(raw)
			continue
		}
		t := z.Token()
		named := false
		for i, a := range t.Attr {
			if naming[a.Key] {
				t.Attr[i].Val, named = renamed(a.Val), true
			}
		}
		if !named {
			out.Write(raw)
			continue
		}
		out.WriteString(t.String())
	}
}

// naming are the attributes that hold a publisher's own names.
var naming = map[string]bool{"class": true, "id": true, "role": true, "data-testid": true, "data-component": true,
	"data-qa": true, "data-module": true, "data-type": true, "data-block": true, "data-area": true}

var visibility = regexp.MustCompile(`(?i)hid|none|sr-only|screen-reader|block$|flex$|grid$|inline$|show`)

func renamed(names string) string {
	list := strings.Fields(names)
	for i, n := range list {
		if !visibility.MatchString(n) {
			sum := sha256.Sum256([]byte(n))
			list[i] = "q" + strings.ToLower(letters.EncodeToString(sum[:5]))
		}
	}
	return strings.Join(list, " ")
}

// letters has no vowels, so that no name is a word by chance.
var letters = base32.NewEncoding("bcdfghjklmnpqrstvwxzBCDFGHJKLMNP").WithPadding(base32.NoPadding)
