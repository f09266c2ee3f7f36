package discover

import (
	"errors"
	"unsafe"

	"golang.org/x/text/encoding"

	"newsreel/internal/weburl"
)

// linkSet gathers links, each address once, in the order in which they come.
type linkSet struct {
	base      *weburl.Base
	enc       encoding.Encoding
	limit     int
	bytes     int // left for addresses
	links     []Link
	seen      map[string]int32 // index into links
	buf       []byte
	truncated bool
	tooLong   int
	refused   int // not http or https, or no URL at all
}

func newLinkSet(base *weburl.Base, limit int, limits Limits) *linkSet {
	return &linkSet{
		base: base, limit: limit, bytes: limits.URLBytes,
		seen: make(map[string]int32, min(limit, 192)), links: make([]Link, 0, min(limit, 160)),
		buf: make([]byte, 0, 512),
	}
}

// addRef resolves ref, which may be a view of the document's bytes, and adds
// it.
func (s *linkSet) addRef(ref []byte, kind Kind, attr string, nofollow bool) {
	view := unsafe.String(unsafe.SliceData(ref), len(ref))
	out, err := weburl.AppendResolve(s.buf[:0], s.base, view, s.enc)
	if err != nil {
		if errors.Is(err, weburl.ErrTooLong) {
			s.tooLong++
		} else {
			s.refused++
		}
		return
	}
	s.buf = out
	if i, ok := s.seen[string(out)]; ok {
		s.merge(i, kind, attr, nofollow)
		return
	}
	if s.truncated {
		return
	}
	s.append(string(out), kind, attr, nofollow)
}

// addURL adds an address that is serialised already.
func (s *linkSet) addURL(u string, kind Kind, attr string, nofollow bool) {
	if i, ok := s.seen[u]; ok {
		s.merge(i, kind, attr, nofollow)
		return
	}
	s.append(u, kind, attr, nofollow)
}

func (s *linkSet) merge(i int32, kind Kind, attr string, nofollow bool) {
	l := &s.links[i]
	if kind == KindAsset && l.AssetAttr == "" {
		l.AssetAttr = attr
	}
	if kind.Stronger(l.Kind) {
		l.Kind, l.Attr, l.Nofollow = kind, attr, nofollow
	} else if kind == l.Kind {
		l.Nofollow = l.Nofollow && nofollow
	}
}

func (s *linkSet) append(u string, kind Kind, attr string, nofollow bool) {
	if len(s.links) >= s.limit || s.bytes < len(u) {
		s.truncated = true
		return
	}
	s.bytes -= len(u)
	s.seen[u] = int32(len(s.links))
	l := Link{URL: u, Kind: kind, Attr: attr, Nofollow: nofollow}
	if kind == KindAsset {
		l.AssetAttr = attr
	}
	s.links = append(s.links, l)
}
