package extractor

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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
	// A word is read once, into the FNV-1a hashes of the three runs that it
	// stands in: as the last word of one, the middle one of two, the first of
	// three.
	first, middle, last := uint64(fnvOffset), uint64(fnvOffset), uint64(fnvOffset)
	var sums bitSums
	for i, w := range words {
		last, middle, first = middle, first, fnvOffset
		for k := 0; k < len(w); k++ {
			c := uint64(w[k])
			first, middle, last = (first^c)*fnvPrime, (middle^c)*fnvPrime, (last^c)*fnvPrime
		}
		// The byte 0 parts words.
		first, middle, last = first*fnvPrime, middle*fnvPrime, last*fnvPrime
		if i >= 2 {
			sums.add(mix(last))
		}
	}
	return fmt.Sprintf("%016x", sums.majority(len(words)-2))
}

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// bitSums counts how often each of 64 bits was set. The counters stand across:
// planes[i] holds the ith binary digit of all, so that adding to all of them is
// a few operations.
type bitSums struct{ planes [32]uint64 }

func (s *bitSums) add(bits uint64) {
	for i := 0; bits != 0 && i < len(s.planes); i++ {
		s.planes[i], bits = s.planes[i]^bits, s.planes[i]&bits
	}
}

// majority has the bits that were set in more than half of n additions.
func (s *bitSums) majority(n int) (out uint64) {
	for b := range 64 {
		count := 0
		for i, plane := range s.planes {
			count |= int(plane>>b&1) << i
		}
		if 2*count > n {
			out |= 1 << b
		}
	}
	return out
}

// mix spreads FNV's bits, of which the high ones depend on little of the input.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
