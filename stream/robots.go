package stream

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// Bounds of the rules of a robots.txt in an outcome: what is larger than
// plainRules is compressed, what is then larger than maxRules is cut. As JSON
// they grow by a third, and the message that holds them must stay far below
// MaxInline.
const (
	plainRules = 4 << 10
	maxRules   = 384 << 10
)

// SetRules keeps the compact text of rules, and says whether its last lines
// had to be cut off: only rules of some 500 KiB that do not compress are.
func (r *Robots) SetRules(text []byte) (cut bool) {
	if len(text) <= plainRules {
		r.Rules = text
		return false
	}
	for {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write(text) // a buffer takes everything
		w.Close()
		if b.Len() <= maxRules {
			r.Rules = b.Bytes()
			return cut
		}
		text, cut = text[:bytes.LastIndexByte(text[:len(text)*7/8], '\n')+1], true
	}
}

// Text is the compact text that SetRules kept.
func (r *Robots) Text() ([]byte, error) {
	if len(r.Rules) < 2 || r.Rules[0] != 0x1f || r.Rules[1] != 0x8b {
		return r.Rules, nil
	}
	zip, err := gzip.NewReader(bytes.NewReader(r.Rules))
	if err != nil {
		return nil, fmt.Errorf("rules of robots.txt: %w", err)
	}
	text, err := io.ReadAll(zip)
	if err != nil {
		return nil, fmt.Errorf("rules of robots.txt: %w", err)
	}
	return text, nil
}
