package frontier

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"newsreel/stream"
)

// DefaultSnapshotEvery is how many entries of a partition are folded between
// two snapshots of its tables.
const DefaultSnapshotEvery = 50_000

// snapshotHead is the first line of a snapshot, JSON; a line for each URL
// follows. All of it is compressed with gzip.
type snapshotHead struct {
	Format    int           `json:"format"`
	Partition int           `json:"partition"`
	Seq       uint64        `json:"seq"`
	InSeq     uint64        `json:"in_seq"`
	Counts    stream.Counts `json:"counts"`
	// Made is when it was written, in milliseconds by the clock that the times of
	// retries are of.
	Made    int64          `json:"made,omitempty"`
	Hosts   []snapshotHost `json:"hosts"`
	Answers []snapshotHost `json:"answers"` // Name is the URL of a robots.txt
	// Aliases are the robots.txt of other partitions that redirect to one here.
	Aliases  map[string][]string `json:"aliases,omitempty"`
	Patterns map[string]int64    `json:"patterns,omitempty"`
	URLs     int                 `json:"urls"`
}

type snapshotHost struct {
	Name   string         `json:"name"`
	Robots *stream.Robots `json:"robots,omitempty"`
	Detail string         `json:"detail,omitempty"`
	Pages  int64          `json:"pages,omitempty"`
}

// SnapshotDue returns the owned partitions of which a snapshot is worth
// writing. An idle one is left alone: its mark must stay the newest word.
func (f *Frontier) SnapshotDue() []stream.Claim {
	f.mu.Lock()
	defer f.mu.Unlock()
	var due []stream.Claim
	for _, p := range f.parts {
		if p != nil && p.active && p.waiting > 0 && p.entries >= f.snapshotEvery {
			due = append(due, p.claim)
		}
	}
	return due
}

// Snapshot writes a partition's tables to w, and returns what is to be logged
// of them but for the key. What is in flight is written as waiting.
func (f *Frontier) Snapshot(number int, w io.Writer, now time.Time) (stream.Snapshot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.parts[number]
	if p == nil {
		return stream.Snapshot{}, fmt.Errorf("snapshot of partition %d: %w", number, ErrNotOwned)
	}
	zip, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return stream.Snapshot{}, err
	}
	if err := p.write(zip, now); err != nil {
		return stream.Snapshot{}, fmt.Errorf("snapshot of partition %d: %w", number, err)
	}
	if err := zip.Close(); err != nil {
		return stream.Snapshot{}, fmt.Errorf("snapshot of partition %d: %w", number, err)
	}
	p.entries = 0
	return stream.Snapshot{Covers: p.seq, URLs: len(p.t.entries)}, nil
}

func (p *partition) write(w io.Writer, now time.Time) error {
	head := snapshotHead{Format: 1, Partition: p.number, Seq: p.seq, InSeq: p.inSeq, Counts: p.counts,
		Patterns: p.patterns, URLs: len(p.t.entries), Made: now.UnixMilli()}
	for _, h := range p.hosts {
		s := h.robots.stored(h.name)
		s.Pages = h.pages
		head.Hosts = append(head.Hosts, s)
	}
	for n, state := range p.answers {
		head.Answers = append(head.Answers, state.stored(p.t.url(n)))
	}
	for n, urls := range p.aliases {
		if head.Aliases == nil {
			head.Aliases = map[string][]string{}
		}
		head.Aliases[p.t.url(n)] = urls
	}
	out := bufio.NewWriterSize(w, 64<<10)
	if err := json.NewEncoder(out).Encode(&head); err != nil {
		return err
	}
	retries := map[uint32]int64{}
	for _, h := range p.hosts {
		for _, r := range h.retries {
			retries[r.entry] = now.Add(r.at.Sub(now)).UnixMilli() // by the clock as it is set now
		}
	}
	var b []byte
	for n := range p.t.entries {
		b = p.line(b[:0], n, retries[uint32(n)])
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (r robotsState) stored(name string) snapshotHost {
	s := snapshotHost{Name: name, Detail: or(r.refused, r.access.Reason)}
	if r.known {
		s.Robots = &r.wire
	}
	return s
}

func (s snapshotHost) state() robotsState {
	if s.Robots == nil {
		return robotsState{}
	}
	state := stateOf(*s.Robots, nil)
	if state.refused != "" {
		state.refused = s.Detail
	} else {
		state.access.Reason = s.Detail
	}
	return state
}

// line is an entry: its numbers, its hop path, the page it was found on, and
// its URL, with tabs between.
func (p *partition) line(b []byte, n int, retryAt int64) []byte {
	e := &p.t.entries[n]
	s := e.state
	if s == flying {
		s = queued
	}
	seed := 0
	if e.seed {
		seed = 1
	}
	for _, v := range [...]int64{int64(s), int64(e.reason), int64(e.kind), int64(e.finished), int64(e.how),
		int64(e.depth), int64(e.hops), int64(e.tries), int64(seed), int64(e.status),
		int64(e.found)*1000 + int64(e.foundMS), retryAt} {
		b = append(strconv.AppendInt(b, v, 10), '\t')
	}
	b = append(append(b, p.t.names.name(e.path)...), '\t')
	b = append(append(b, p.t.arena.bytes(e.via)...), '\t')
	return append(append(b, p.t.arena.bytes(e.url)...), '\n')
}

// Load fills a partition that is owned and of which nothing was folded yet
// from a snapshot. Entries of the log up to covers are passed over from then
// on.
func (f *Frontier) Load(number int, covers uint64, r io.Reader) error {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("load snapshot of partition %d: %w", number, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.parts[number]
	if p == nil || len(p.t.entries) > 0 {
		return fmt.Errorf("load snapshot of partition %d: not owned, or not empty", number)
	}
	in := bufio.NewReaderSize(zip, 64<<10)
	if err := f.load(p, in); err != nil {
		return fmt.Errorf("load snapshot of partition %d: %w", number, err)
	}
	// Whoever wrote it may have asked a moment ago.
	p.covers, p.inherited = covers, true
	return nil
}

func (f *Frontier) load(p *partition, in *bufio.Reader) error {
	first, err := in.ReadBytes('\n')
	if err != nil {
		return err
	}
	var head snapshotHead
	if err := json.Unmarshal(first, &head); err != nil {
		return err
	}
	if head.Format != 1 || head.Partition != p.number {
		return fmt.Errorf("format %d of partition %d", head.Format, head.Partition)
	}
	for range head.URLs {
		line, err := in.ReadString('\n')
		if err != nil {
			return err
		}
		if err := f.loadLine(p, strings.TrimSuffix(line, "\n")); err != nil {
			return err
		}
	}
	for _, h := range p.hosts {
		for i, r := range h.retries {
			if head.Made != 0 {
				h.retries[i].most = r.at.Sub(time.UnixMilli(head.Made))
			}
		}
	}
	for _, s := range head.Hosts {
		h := p.host(f, s.Name+"/")
		h.robots, h.pages = s.state(), s.Pages
		if h.robots.access.Rules != nil {
			h.delay = h.robots.access.Rules.CrawlDelay(f.rules.Agent)
		}
	}
	for _, s := range head.Answers {
		if n, ok := p.t.find(s.Name); ok {
			p.answers[n] = s.state()
		}
	}
	for url, urls := range head.Aliases {
		if n, ok := p.t.find(url); ok {
			p.aliases[n] = urls
			f.owe(p, n, urls...)
		}
	}
	if head.Patterns != nil {
		p.patterns = head.Patterns
	}
	p.seq, p.inSeq, p.sinceMark = head.Seq, head.InSeq, true
	p.counts = head.Counts
	f.add(p)
	f.marks[p.number].used = true
	return nil
}

const snapshotFields = 15

func (f *Frontier) loadLine(p *partition, line string) error {
	parts := strings.SplitN(line, "\t", snapshotFields)
	if len(parts) != snapshotFields {
		return fmt.Errorf("entry of %d fields", len(parts))
	}
	var v [12]int64
	for i := range v {
		n, err := strconv.ParseInt(parts[i], 10, 64)
		if err != nil {
			return fmt.Errorf("entry: %w", err)
		}
		v[i] = n
	}
	url := strings.Clone(parts[14])
	h := p.host(f, url)
	e := entry{state: state(v[0]), reason: uint8(v[1]), kind: uint8(v[2]), finished: uint8(v[3]), how: uint8(v[4]),
		depth: uint16(v[5]), hops: uint8(v[6]), tries: uint8(v[7]), seed: v[8] == 1, status: int16(v[9]),
		found: uint32(v[10] / 1000), foundMS: uint16(v[10] % 1000), host: p.hostIDs[h.name],
		path: p.t.names.id(parts[12]), via: p.t.viaRef(parts[13], &p.via)}
	n := p.t.insert(url, e)
	switch e.state {
	case queued:
		p.waiting++
		h.queue.push(n)
	case retrying:
		p.waiting++
		h.retries = append(h.retries, retryAt{entry: uint32(n), at: time.UnixMilli(v[11]), most: longestRetry})
	}
	return nil
}
