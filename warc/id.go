package warc

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
)

// NewRecordID returns a WARC-Record-ID, `<urn:uuid:…>`, with a random UUID
// (RFC 9562, version 4) made of 16 bytes of random. (WARC/1.1, WARC-Record-ID)
func NewRecordID(random io.Reader) (string, error) {
	var u [16]byte
	if _, err := io.ReadFull(random, u[:]); err != nil {
		return "", fmt.Errorf("make record id: %w", err)
	}
	return formatID(u, 4), nil
}

// recordNamespace is the namespace of URLs (RFC 9562, namespace IDs).
var recordNamespace = [16]byte{0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}

// RecordIDFor returns the WARC-Record-ID that belongs to a name: the same for
// the same name, always. It is a UUID of version 5 (RFC 9562) in the namespace
// of URLs, over "newsreel:" and the name.
func RecordIDFor(name string) string {
	hash := sha1.New()
	hash.Write(recordNamespace[:])
	io.WriteString(hash, "newsreel:")
	io.WriteString(hash, name)
	var u [16]byte
	copy(u[:], hash.Sum(nil))
	return formatID(u, 5)
}

// formatID sets version and variant, and writes the UUID as a record id.
func formatID(u [16]byte, version byte) string {
	u[6] = u[6]&0x0f | version<<4
	u[8] = u[8]&0x3f | 0x80
	b := make([]byte, 0, 48)
	b = append(b, "<urn:uuid:"...)
	for i, part := range [][]byte{u[:4], u[4:6], u[6:8], u[8:10], u[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return string(append(b, '>'))
}
