package extractor

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
)

// contentHash is the SHA-256, in lower-case hexadecimal, of headline, two line
// feeds, and body; "" where both are empty.
func contentHash(headline, body string) string {
	if headline == "" && body == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(headline + "\n\n" + body))
	return hex.EncodeToString(sum[:])
}

// simhash is Charikar's fingerprint over the body's runs of three words, each
// weighed by how often it stands: bodies that differ little differ in few of
// its 64 bits. "" for a body of fewer than three words.
func simhash(body string) string {
	words := wordList(body)
	if len(words) < 3 {
		return ""
	}
	var sums [64]int
	for i := 0; i+3 <= len(words); i++ {
		h := fnv.New64a()
		for _, w := range words[i : i+3] {
			h.Write([]byte(w))
			h.Write([]byte{0})
		}
		bits := mix(h.Sum64())
		for b := range sums {
			if bits>>b&1 == 1 {
				sums[b]++
			} else {
				sums[b]--
			}
		}
	}
	var out uint64
	for b, v := range sums {
		if v > 0 {
			out |= 1 << b
		}
	}
	return fmt.Sprintf("%016x", out)
}

// mix spreads FNV's bits, of which the high ones depend on little of the input.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
