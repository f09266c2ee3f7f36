package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Encode returns the manifest as it is stored, and sets its SHA256.
func (m *Manifest) Encode() ([]byte, error) { return seal(m, &m.SHA256) }

// Encode returns the record as it is stored, and sets its SHA256.
func (r *RunRecord) Encode() ([]byte, error) { return seal(r, &r.SHA256) }

// sealEnd is what an object's JSON ends with as long as its checksum is empty.
const sealEnd = "\"sha256\": \"\"\n}"

// seal encodes v, whose last field is sum, and writes into it the SHA-256 of the
// encoding in which it is empty. It is of bytes and not of values, so that a
// version that knows fewer fields, or no JSON at all, can check it.
func seal(v any, sum *string) ([]byte, error) {
	*sum = ""
	body, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return nil, err
	}
	head, ok := bytes.CutSuffix(body, []byte(sealEnd))
	if !ok {
		return nil, fmt.Errorf("encode %T: its checksum is not the last field", v)
	}
	*sum = hexSum(body)
	return fmt.Appendf(bytes.Clone(head), "\"sha256\": %q\n}", *sum), nil
}

func hexSum(p []byte) string {
	sum := sha256.Sum256(p)
	return hex.EncodeToString(sum[:])
}

// checkSeal compares what was stored with the checksum that it holds. Versions
// before the checksum wrote none, and no field that this one does not know: v,
// an empty value of the type, takes one whose name was damaged for what it is.
func checkSeal(data []byte, sum string, v any) error {
	if sum == "" {
		in := json.NewDecoder(bytes.NewReader(data))
		in.DisallowUnknownFields()
		if err := in.Decode(v); err != nil {
			return fmt.Errorf("has no checksum of itself: %w", err)
		}
		return nil
	}
	i := bytes.LastIndex(data, []byte(sum))
	if i < 0 {
		return fmt.Errorf("has a checksum of itself that cannot be read: %.80q", sum)
	}
	if got := hexSum(append(bytes.Clone(data[:i]), data[i+len(sum):]...)); got != sum {
		return fmt.Errorf("has SHA-256 %s without its last field's value, which says %.80s", got, sum)
	}
	return nil
}
