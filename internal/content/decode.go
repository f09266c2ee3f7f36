// Package content turns the bytes of an entity into what a person would read:
// content codings undone, media type sniffed, text as UTF-8. It knows nothing
// of connections.
package content

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// Names of the limits in Body.Limit.
const (
	LimitView         = "view"
	LimitDecompressed = "decompressed"
	LimitRatio        = "ratio"
	LimitMemory       = "memory"
)

const (
	ratioFloor = 1 << 20 // decoded bytes below which the ratio is not looked at
	maxCodings = 4       // stacked
	zstdWindow = 8 << 20 // what browsers accept (RFC 9659)
	freeMemory = 1 << 20 // of one body, for which Memory is not asked
)

// windows are what a decoder may hold besides its output.
var windows = map[string]int64{"br": 16 << 20, "zstd": 2 * zstdWindow}

// ErrCodings is a stack of codings too high, or one of unknown name.
var ErrCodings = errors.New("content coding not supported")

// Limits bound decoding; a zero field means none. Output stops at the first
// that is reached, and Body.Limit names it.
type Limits struct {
	Max          int64 // bytes kept
	Decompressed int64 // bytes decoded
	Ratio        int64 // decoded bytes for each received one, beyond 1 MiB
	// Memory is asked before a body of more than 1 MiB grows, and before a
	// decoder with a large window is used. Nil grants everything.
	Memory Memory
}

// Memory lends bytes. Reserve never waits: what it refuses ends the body, with
// "memory" as its limit. What a body's Bytes hold stays reserved; the owner of
// Memory knows when they are no longer needed.
type Memory interface {
	Reserve(n int64) bool
	Release(n int64)
}

func (l *Limits) reserve(n int64) bool { return l.Memory == nil || l.Memory.Reserve(n) }

var errMemory = errors.New("no memory for a decoder")

// Body is a decoded entity.
type Body struct {
	Bytes   []byte   // as far as decoding went
	Decoded int64    // bytes decoded
	Codings []string // those undone, in the order in which they were undone
	Limit   string   // the limit that ended it, or ""
	Err     error    // a decoding error; Bytes holds what came before it
	Notes   []string // "coding does not match body", "bytes after the coded body"
}

// Pools keeps decoders between bodies. The zero value is ready.
type Pools struct {
	gzip, flate, brotli, zstd, bufio sync.Pool
}

// Decode undoes codings, given in the order in which they were applied. open
// gives the coded entity from its start, and is called again where a coding
// turns out to be a lie: such a body is taken as it is, as browsers do. dst is
// appended to, and may be nil.
func Decode(open func() io.Reader, size int64, codings []string, limits Limits, pools *Pools, dst []byte) Body {
	if pools == nil {
		pools = &Pools{}
	}
	codings = effective(codings)
	if len(codings) > maxCodings {
		body := read(open(), size, nil, limits, dst)
		body.Err = fmt.Errorf("%w: %d stacked", ErrCodings, len(codings))
		return body
	}
	var notes []string
	for {
		chain := &chain{pools: pools, limits: &limits}
		reader, undone, wrong := chain.build(open(), codings)
		body := read(reader, size, undone, limits, dst)
		notes = append(notes, chain.notes...)
		chain.large = body.Decoded > freeMemory
		if err := chain.close(); err != nil && body.Err == nil && body.Limit == "" {
			body.Err = err
		}
		if body.Err != nil && body.Decoded == 0 && len(undone) > 0 && chain.mayLie {
			// Nothing could be decoded: the coding is not what the field says.
			codings = codings[:len(codings)-len(undone)]
			notes = append(notes, NoteLie)
			continue
		}
		if errors.Is(wrong, errMemory) {
			body.Limit = LimitMemory
		} else if wrong != nil && body.Err == nil {
			body.Err = wrong
		}
		body.Notes = notes
		return body
	}
}

// Notes of a Body.
const (
	NoteLie     = "coding does not match body"
	NoteTrailer = "bytes after the coded body"
)

func effective(codings []string) []string {
	var kept []string
	for _, coding := range codings {
		switch coding = strings.ToLower(strings.TrimSpace(coding)); coding {
		case "", "identity", "none", "utf-8", "chunked":
		case "x-gzip":
			kept = append(kept, "gzip")
		case "x-deflate":
			kept = append(kept, "deflate")
		default:
			kept = append(kept, coding)
		}
	}
	return kept
}

// read takes the decoded bytes within the limits.
func read(r io.Reader, size int64, undone []string, limits Limits, dst []byte) Body {
	body := Body{Bytes: dst, Codings: undone}
	start := len(dst)
	for {
		if len(body.Bytes) == cap(body.Bytes) {
			bigger := growth(cap(body.Bytes), limits.Max+int64(start))
			if bigger > freeMemory && !limits.reserve(int64(bigger-cap(body.Bytes))) {
				body.Limit = LimitMemory
				return body
			}
			body.Bytes = append(make([]byte, 0, bigger), body.Bytes...)
		}
		n, err := r.Read(body.Bytes[len(body.Bytes):cap(body.Bytes)])
		body.Bytes = body.Bytes[:len(body.Bytes)+n]
		body.Decoded = int64(len(body.Bytes) - start)
		if body.Limit = over(body.Decoded, size, len(undone) > 0, limits); body.Limit != "" {
			body.Bytes = body.Bytes[:start+int(allowed(body.Decoded, size, body.Limit, limits))]
			body.Decoded = int64(len(body.Bytes) - start)
			return body
		}
		if err != nil {
			if err != io.EOF {
				body.Err = err
			}
			return body
		}
	}
}

// growth is the next capacity: the double, but little more than limit, of
// which one byte more is read to see that it is passed.
func growth(capacity int, limit int64) int {
	next := int64(max(2*capacity, 32<<10))
	if limit > int64(capacity) {
		next = min(next, limit+512)
	}
	return int(next)
}

// over names the limit that decoded has passed. The ratio comes before the
// size: it says more about the body.
func over(decoded, size int64, coded bool, limits Limits) string {
	switch {
	case coded && limits.Ratio > 0 && decoded > ratioFloor && decoded > ratioAllowed(size, limits):
		return LimitRatio
	case limits.Decompressed > 0 && decoded > limits.Decompressed:
		return LimitDecompressed
	case limits.Max > 0 && decoded > limits.Max:
		return LimitView
	}
	return ""
}

func ratioAllowed(size int64, limits Limits) int64 {
	return max(ratioFloor, max(size, 1)*limits.Ratio)
}

func allowed(decoded, size int64, limit string, limits Limits) int64 {
	if limit == LimitRatio {
		decoded = ratioAllowed(size, limits)
	}
	if limits.Decompressed > 0 {
		decoded = min(decoded, limits.Decompressed)
	}
	if limits.Max > 0 {
		decoded = min(decoded, limits.Max)
	}
	return decoded
}

// chain is a stack of decoders over one reader.
type chain struct {
	pools  *Pools
	limits *Limits
	notes  []string
	mayLie bool
	large  bool // the body was: its decoder's window is too, and not worth keeping
	undo   []func() error
}

// build puts decoders over r, the last coding first. It stops at a coding it
// does not know (wrong), or whose mark is missing from the body (a lie).
func (c *chain) build(r io.Reader, codings []string) (reader io.Reader, undone []string, wrong error) {
	reader = r
	for i := len(codings) - 1; i >= 0; i-- {
		buffered := c.buffer(reader)
		next, err := c.decoder(buffered, codings[i])
		if err != nil {
			return buffered, undone, err
		}
		if next == nil {
			c.notes = append(c.notes, NoteLie)
			return buffered, undone, nil
		}
		reader, undone = next, append(undone, codings[i])
	}
	return reader, undone, nil
}

func (c *chain) buffer(r io.Reader) *bufio.Reader {
	b, ok := c.pools.bufio.Get().(*bufio.Reader)
	if !ok {
		b = bufio.NewReaderSize(nil, 4<<10)
	}
	b.Reset(r)
	c.undo = append(c.undo, func() error { b.Reset(nil); c.pools.bufio.Put(b); return nil })
	return b
}

// close gives the decoders back, the topmost first.
func (c *chain) close() error {
	var first error
	for i := len(c.undo) - 1; i >= 0; i-- {
		if err := c.undo[i](); err != nil && first == nil {
			first = err
		}
	}
	c.undo = nil
	return first
}

// decoder undoes one coding; nil if the body does not begin as it would.
func (c *chain) decoder(r *bufio.Reader, coding string) (io.Reader, error) {
	mark, _ := r.Peek(4)
	if len(mark) == 0 {
		return r, nil
	}
	if window := windows[coding]; window > 0 && c.limits.Memory != nil {
		if !c.limits.Memory.Reserve(window) {
			return nil, errMemory
		}
		c.undo = append(c.undo, func() error { c.limits.Memory.Release(window); return nil })
	}
	switch coding {
	case "gzip":
		if len(mark) < 2 || mark[0] != 0x1f || mark[1] != 0x8b {
			return nil, nil
		}
		return c.gzip(r)
	case "deflate":
		if len(mark) >= 2 && mark[0]&0x0f == 8 && (uint(mark[0])<<8|uint(mark[1]))%31 == 0 {
			return c.zlib(r)
		}
		c.mayLie = true
		return c.flate(r), nil
	case "br":
		c.mayLie = true
		return c.brotli(r), nil
	case "zstd":
		if !bytes.HasPrefix(mark, []byte{0x28, 0xb5, 0x2f, 0xfd}) && !(len(mark) == 4 && mark[0]&0xf0 == 0x50 && bytes.Equal(mark[1:], []byte{0x2a, 0x4d, 0x18})) {
			return nil, nil
		}
		return c.zstd(r)
	}
	return nil, fmt.Errorf("%w: %q", ErrCodings, coding)
}

// gzip reads one member, as browsers do; what follows it is noted.
func (c *chain) gzip(r *bufio.Reader) (io.Reader, error) {
	z, ok := c.pools.gzip.Get().(*gzip.Reader)
	if !ok {
		z = new(gzip.Reader)
	}
	if err := z.Reset(r); err != nil {
		return nil, fmt.Errorf("gzip head: %w", err)
	}
	z.Multistream(false)
	c.undo = append(c.undo, func() error { z.Close(); c.pools.gzip.Put(z); return nil })
	return &trailing{Reader: z, under: r, chain: c}, nil
}

func (c *chain) zlib(r *bufio.Reader) (io.Reader, error) {
	z, err := zlib.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("zlib head: %w", err)
	}
	c.undo = append(c.undo, z.Close)
	return &trailing{Reader: z, under: r, chain: c}, nil
}

func (c *chain) flate(r *bufio.Reader) io.Reader {
	z, ok := c.pools.flate.Get().(io.ReadCloser)
	if ok {
		z.(flate.Resetter).Reset(r, nil)
	} else {
		z = flate.NewReader(r)
	}
	c.undo = append(c.undo, func() error { c.pools.flate.Put(z); return nil })
	return &trailing{Reader: z, under: r, chain: c}
}

func (c *chain) brotli(r *bufio.Reader) io.Reader {
	z, ok := c.pools.brotli.Get().(*brotli.Reader)
	if ok {
		z.Reset(r)
	} else {
		z = brotli.NewReader(r)
	}
	c.undo = append(c.undo, func() error {
		if !c.large {
			c.pools.brotli.Put(z)
		}
		return nil
	})
	return z
}

func (c *chain) zstd(r *bufio.Reader) (io.Reader, error) {
	z, ok := c.pools.zstd.Get().(*zstd.Decoder)
	var err error
	if ok {
		err = z.Reset(r)
	} else {
		z, err = zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
	}
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	c.undo = append(c.undo, func() error {
		if c.large {
			z.Close()
			return nil
		}
		z.Reset(nil)
		c.pools.zstd.Put(z)
		return nil
	})
	return z, nil
}

// trailing notes bytes that come after the end of a coded body.
type trailing struct {
	io.Reader
	under *bufio.Reader
	chain *chain
}

func (t *trailing) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if err == io.EOF && t.under != nil {
		if _, more := t.under.Peek(1); more == nil {
			t.chain.notes = append(t.chain.notes, NoteTrailer)
		}
		t.under = nil
	}
	return n, err
}
