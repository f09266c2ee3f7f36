package warc

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"
)

// DigestAlgorithm names a hash as the labels of digests do.
type DigestAlgorithm string

// The algorithms: SHA1 is written in base32, which replay tools look up, the
// others in lower-case hexadecimal. MD5 is only read.
const (
	SHA1   DigestAlgorithm = "sha1"
	SHA256 DigestAlgorithm = "sha256"
	SHA512 DigestAlgorithm = "sha512"
	MD5    DigestAlgorithm = "md5"
)

// Digest is a labelled digest, such as
// "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ". (WARC/1.1, WARC-Block-Digest)
type Digest string

// NewHash returns a new hash, or nil for an algorithm that is not known.
func NewHash(alg DigestAlgorithm) hash.Hash {
	switch alg {
	case SHA1:
		return sha1.New()
	case SHA256:
		return sha256.New()
	case SHA512:
		return sha512.New()
	case MD5:
		return md5.New()
	}
	return nil
}

// Sum returns the digest of the parts one after the other. An algorithm that
// is not known gives "".
func Sum(alg DigestAlgorithm, parts ...[]byte) Digest {
	if alg == SHA1 && len(parts) == 1 {
		sum := sha1.Sum(parts[0])
		return FormatDigest(alg, sum[:])
	}
	h := NewHash(alg)
	if h == nil {
		return ""
	}
	for _, part := range parts {
		h.Write(part)
	}
	return FormatDigest(alg, h.Sum(nil))
}

// FormatDigest labels the bytes of a sum, in the algorithm's usual encoding.
func FormatDigest(alg DigestAlgorithm, sum []byte) Digest {
	if alg == SHA1 {
		return Digest(string(alg) + ":" + base32.StdEncoding.EncodeToString(sum))
	}
	return Digest(string(alg) + ":" + hex.EncodeToString(sum))
}

// Algorithm returns the digest's algorithm, whatever the spelling of its label
// ("SHA-256", "sha256"); "" if it has no label or one that is not known.
func (d Digest) Algorithm() DigestAlgorithm {
	label, _, ok := strings.Cut(string(d), ":")
	if !ok {
		return ""
	}
	alg := DigestAlgorithm(strings.ReplaceAll(strings.ToLower(label), "-", ""))
	if NewHash(alg) == nil {
		return ""
	}
	return alg
}

// Bytes returns the sum itself, from hexadecimal or base32 in either case, or
// nil if the digest is malformed or its algorithm is not known.
func (d Digest) Bytes() []byte {
	h := NewHash(d.Algorithm())
	if h == nil {
		return nil
	}
	_, value, _ := strings.Cut(string(d), ":")
	if len(value) == hex.EncodedLen(h.Size()) {
		if sum, err := hex.DecodeString(value); err == nil {
			return sum
		}
	}
	value = strings.TrimRight(strings.ToUpper(value), "=")
	sum, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(value)
	if err != nil || len(sum) != h.Size() {
		return nil
	}
	return sum
}

// Equal reports whether both are the same sum by the same algorithm, however
// they are spelled. Malformed digests are equal only if their text is.
func (d Digest) Equal(other Digest) bool {
	if d == other {
		return true
	}
	sum := d.Bytes()
	return sum != nil && d.Algorithm() == other.Algorithm() && bytes.Equal(sum, other.Bytes())
}

// ErrNoDigest says that a record has no digest that its own block can prove:
// the field is missing, its algorithm unknown, or the record is a revisit,
// whose payload digest is that of another record.
var ErrNoDigest = errors.New("no digest to verify")

// DigestError is a digest that does not match.
type DigestError struct {
	RecordID string
	Field    string // WARC-Block-Digest or WARC-Payload-Digest
	Expected Digest // as the record says
	Computed Digest
}

func (e *DigestError) Error() string {
	return fmt.Sprintf("record %s: %s is %s, computed %s", e.RecordID, e.Field, e.Expected, e.Computed)
}

// VerifyBlockDigest recomputes WARC-Block-Digest over the record's whole block.
// It returns nil, a *DigestError, or ErrNoDigest.
func VerifyBlockDigest(r *Record, block []byte) error {
	return verify(r, FieldBlockDigest, block)
}

// VerifyPayloadDigest recomputes WARC-Payload-Digest over the payload in the
// record's whole block: for HTTP messages, the body without chunk framing and
// with its content-encoding; for others the block itself. It returns nil, a
// *DigestError, or ErrNoDigest.
func VerifyPayloadDigest(r *Record, block []byte) error {
	if r.Type() == TypeRevisit {
		return ErrNoDigest
	}
	return verify(r, FieldPayloadDigest, Payload(r.Header, block))
}

func verify(r *Record, field string, data []byte) error {
	expected := Digest(r.Header.Get(field))
	alg := expected.Algorithm()
	if alg == "" {
		return ErrNoDigest
	}
	computed := Sum(alg, data)
	if computed.Equal(expected) {
		return nil
	}
	return &DigestError{RecordID: r.ID(), Field: field, Expected: expected, Computed: computed}
}

// Payload returns the payload in a record's whole block, as WARC-Payload-Digest
// takes it. It may share block's memory.
func Payload(h Header, block []byte) []byte {
	if !strings.HasPrefix(strings.ToLower(h.Get(FieldContentType)), "application/http") {
		return block
	}
	msg, err := ParseHTTPBlock(block)
	if err != nil {
		return block
	}
	return msg.Payload(block)
}
