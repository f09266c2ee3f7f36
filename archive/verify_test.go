package archive

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"newsreel/capture"
	"newsreel/warc"
)

func TestSoundCollectionsVerify(t *testing.T) {
	_, a := library(t)
	calls := 0
	r, err := a.Verify(t.Context(), "col", func(Report) { calls++ })
	if err != nil || !r.OK() {
		t.Fatalf("%v, %+v", err, r.Mismatches)
	}
	// 3 segments of 5 objects and a ledger; warcinfo, capture and request.
	if r.Segments != 3 || r.Objects != 16 || calls != 16 || r.Records != 3+2*6 || r.Runs != 1 || r.Entries != 6+6+5+3 {
		t.Errorf("%+v, %d calls", r, calls)
	}
}

// breaking is a way in which an archive can be broken.
type breaking struct {
	// do breaks the second segment of alpha, m. If again is set the manifest
	// is made to agree with what its objects hold then.
	do    func(s *shelf, m *Manifest)
	again bool
	want  string
}

func TestWhatIsBrokenIsTold(t *testing.T) {
	edit := func(kind string, change func([]byte) []byte) func(*shelf, *Manifest) {
		return func(s *shelf, m *Manifest) {
			key := m.Object(kind).Key
			s.store[key] = change(slices.Clone(s.store[key]))
		}
	}
	replace := func(old, new string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(old), []byte(new)) }
	}
	for name, c := range map[string]breaking{
		"a flipped bit in the WARC": {edit(ObjectWARC, func(b []byte) []byte { b[len(b)/2] ^= 4; return b }), false,
			"has SHA-256"},
		"a WARC cut short": {edit(ObjectWARC, func(b []byte) []byte { return b[:len(b)-3] }), true, "unexpected EOF"},
		"bytes behind the last record": {edit(ObjectWARC, func(b []byte) []byte { return append(b, "tail"...) }), true,
			"belong to no record"},
		"a record whose block is not its digest's": {edit(ObjectWARC, forgeRecord), true, "WARC-Block-Digest is"},
		"a missing object":                         {func(s *shelf, m *Manifest) { delete(s.store, m.Object(ObjectCaptures).Key) }, false, "is missing"},
		"an index line that points elsewhere": {edit(ObjectCDXJ, replace(`"offset":"2`, `"offset":"9`)), true,
			"no response or revisit stands at"},
		"an index line of another URL":    {edit(ObjectCDXJ, replace(`alpha.example/1"`, `alpha.example/9"`)), true, "is not of http"},
		"an index line of another digest": {edit(ObjectCDXJ, replace(`"sha1:`, `"sha1:A`)), true, "has not the digest"},
		"an index line of another time":   {edit(ObjectCDXJ, replace(` 20240201`, ` 20240202`)), true, "and not of 20240202"},
		"a response named as a revisit is": {edit(ObjectCDXJ, replace(`warc/revisit`, `text/html`)), true,
			"a response where a revisit is named"},
		"an index line twice":  {edit(ObjectCDXJ, func(b []byte) []byte { return append(b, b...) }), true, "lines of its index are 2"},
		"an index of no lines": {edit(ObjectCDXJ, func([]byte) []byte { return []byte("x\n") }), true, "no JSON block"},
		"a table that is none": {edit(ObjectArticles, func([]byte) []byte { return []byte("PAR1xxxxPAR1") }), true, "open col/articles"},
		"rows of another WARC": {func(s *shelf, m *Manifest) {
			s.store[m.Object(ObjectCaptures).Key] = captureTable(s, capture.Row{URL: "http://www.alpha.example/1", WARCFilename: "other"})
		}, true, "is not the segment's WARC"},
		"a crawl log cut short": {edit(ObjectLog, func(b []byte) []byte { return b[:len(b)-9] }), true, "EOF"},
		"counts that are not so": {func(_ *shelf, m *Manifest) { m.Counts.Articles++ }, true,
			"says 2 articles, and rows of its articles table are 1"},
		"a gap in the run log":    {func(_ *shelf, m *Manifest) { m.First++; m.Last++ }, true, "where 4 follows"},
		"another stream":          {func(_ *shelf, m *Manifest) { m.Stream = "J_other_1" }, true, "is of run log J_other_1"},
		"a manifest that is none": {func(s *shelf, m *Manifest) { s.store[ManifestKey("col", m.Segment)] = []byte("{") }, false, "damaged"},
		"a later format":          {func(_ *shelf, m *Manifest) { m.Format = 9 }, true, "format 9"},
		"a ledger that is short":  {func(s *shelf, m *Manifest) { s.finish(m, "http://a.example/"); s.claim(m, 3) }, false, "has 1 rows, and the run's record says 3"},
		"a missing ledger":        {func(s *shelf, m *Manifest) { delete(s.store, LedgerKey("col", "alpha", 1)) }, false, "is missing"},
		"a run that goes on":      {func(_ *shelf, m *Manifest) { m.End = false }, true, "no segment holds its end"},
	} {
		t.Run(name, func(t *testing.T) {
			s, a := library(t)
			m, err := a.Manifest(t.Context(), "col", SegmentName("alpha", 1, 4))
			s.must(err)
			c.do(s, m)
			if c.again {
				s.put(m)
			}
			r, err := a.Verify(t.Context(), "col", nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, bad := range r.Mismatches {
				if strings.Contains(bad.Text, c.want) {
					return
				}
			}
			t.Errorf("not told: %+v", r.Mismatches)
		})
	}
}

// forgeRecord makes a WARC whose request is another than its digest's.
func forgeRecord(file []byte) []byte {
	i := bytes.LastIndex(file, []byte{0x1f, 0x8b, 8})
	rec, block, err := warc.ReadMember(file[i:], 1<<20)
	if err != nil {
		panic(err)
	}
	forged, err := warc.AppendMember(file[:i:i], rec.Header, append(block[:len(block)-4], "X: y\r\n\r\n"...))
	if err != nil {
		panic(err)
	}
	return forged
}

func captureTable(s *shelf, rows ...capture.Row) []byte {
	var out bytes.Buffer
	w := NewCaptureWriter(&out)
	_, err := w.Write(rows)
	s.must(err)
	s.must(w.Close())
	return out.Bytes()
}

// claim makes a run's record say that it discovered n URLs.
func (s *shelf) claim(m *Manifest, n int64) {
	key := RunKey("col", m.Job, m.Run)
	var r RunRecord
	s.must(json.Unmarshal(s.store[key], &r))
	r.Summary.Discovered, r.Summary.Captured = n, n
	body, err := json.Marshal(r)
	s.must(err)
	s.store[key] = body
}
