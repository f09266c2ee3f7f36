package archive

import (
	"bytes"
	"encoding/json"
	"fmt"
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
		"a flipped bit in the ledger": {func(s *shelf, _ *Manifest) {
			s.flip(LedgerKey("col", "alpha", 1))
		}, false, "and its run's record says"},
		"a ledger of another number of rows": {func(s *shelf, m *Manifest) {
			s.record(m, func(r *RunRecord) { r.Ledger.Rows++ })
		}, false, "and is recorded with"},
		"a ledger of another run": {func(s *shelf, m *Manifest) {
			s.record(m, func(r *RunRecord) { r.Ledger.Key = LedgerKey("col", "beta", 1) })
		}, false, "names urls col/urls/beta-1.parquet as its ledger"},
		"a run's record that was changed": {func(s *shelf, _ *Manifest) {
			s.replace(RunKey("col", "alpha", 1), `"outside": 0`, `"outside": 7`)
		}, false, "without its last field's value"},
		"a manifest that was changed": {func(s *shelf, m *Manifest) {
			s.replace(ManifestKey("col", m.Segment), `"received": 0`, `"received": 7`)
		}, false, "without its last field's value"},
		"a manifest whose checksum has another name": {func(s *shelf, m *Manifest) {
			s.replace(ManifestKey("col", m.Segment), "\n \"sha256\"", "\n \"rha256\"")
		}, false, "has no checksum of itself"},
		"a missing ledger":   {func(s *shelf, m *Manifest) { delete(s.store, LedgerKey("col", "alpha", 1)) }, false, "is missing"},
		"a run that goes on": {func(_ *shelf, m *Manifest) { m.End = false }, true, "no segment holds its end"},
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
	s.record(m, func(r *RunRecord) { r.Summary.Discovered, r.Summary.Captured = n, n })
}

// record changes a run's record and its checksum.
func (s *shelf) record(m *Manifest, change func(*RunRecord)) {
	key := RunKey("col", m.Job, m.Run)
	var r RunRecord
	s.must(json.Unmarshal(s.store[key], &r))
	change(&r)
	body, err := r.Encode()
	s.must(err)
	s.store[key] = body
}

// flip flips a bit in the middle of an object.
func (s *shelf) flip(key string) {
	s.store[key] = slices.Clone(s.store[key])
	s.store[key][len(s.store[key])/2] ^= 4
}

// replace changes the text of an object, and nothing that is said of it.
func (s *shelf) replace(key, old, with string) {
	s.t.Helper()
	if !bytes.Contains(s.store[key], []byte(old)) {
		s.t.Fatalf("%s holds no %s", key, old)
	}
	s.store[key] = bytes.Replace(s.store[key], []byte(old), []byte(with), 1)
}

// No bit of what says what the rest should be can flip untold.
func TestEachFlippedBitOfAManifestOrARunRecordIsTold(t *testing.T) {
	s, _ := library(t)
	for key, check := range map[string]func([]byte) error{
		ManifestKey("col", SegmentName("alpha", 1, 4)): func(data []byte) error {
			m, err := parseManifest("", data)
			if err == nil {
				err = checkSeal(data, m.SHA256, new(Manifest))
			}
			return err
		},
		RunKey("col", "alpha", 1): func(data []byte) error {
			r, err := parseRun("", data)
			if err == nil {
				err = checkSeal(data, r.SHA256, new(RunRecord))
			}
			return err
		},
	} {
		sound := s.store[key]
		if err := check(sound); err != nil {
			t.Errorf("%s: %v", key, err)
		}
		for i := range 8 * len(sound) {
			flipped := slices.Clone(sound)
			flipped[i/8] ^= 1 << (i % 8)
			if check(flipped) == nil {
				t.Errorf("%s: byte %d, %q, became %q, and all matches", key, i/8, sound[i/8], flipped[i/8])
			}
		}
	}
}

func TestRecordsOfBeforeTheChecksumsVerify(t *testing.T) {
	s, a := library(t)
	for key, body := range s.store {
		if !strings.HasSuffix(key, ".json") {
			continue
		}
		var fields map[string]json.RawMessage
		s.must(json.Unmarshal(body, &fields))
		delete(fields, "sha256")
		delete(fields, "ledger")
		body, err := json.Marshal(fields)
		s.must(err)
		s.store[key] = body
	}
	r, err := a.Verify(t.Context(), "col", nil)
	if err != nil || !r.OK() || r.Objects != 16 {
		t.Errorf("%v, %+v", err, r)
	}
}

// manyPages archives one segment of n pages.
func manyPages(t *testing.T, n int) (*shelf, *Manifest, *Archive) {
	s := newShelf(t)
	var pages []story
	for i := range n {
		id := fmt.Sprint("p", i)
		pages = append(pages, story{id: id, url: "http://www.many.example/" + id, headline: id, body: id, fetched: day("2024-03-01")})
	}
	return s, s.segment("many", pages...), New(s.store, t.TempDir())
}

func TestABrokenWARCIsOneMismatch(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(s *shelf, key string)
		want string
	}{
		"missing":   {func(s *shelf, key string) { delete(s.store, key) }, "is missing"},
		"another":   {func(s *shelf, key string) { s.store[key] = append(slices.Clone(s.store[key]), s.store[key]...) }, "has SHA-256"},
		"of no use": {func(s *shelf, key string) { s.store[key] = []byte("none") }, "has SHA-256"},
	} {
		t.Run(name, func(t *testing.T) {
			s, m, a := manyPages(t, 30)
			key := m.Object(ObjectWARC).Key
			c.do(s, key)
			r, err := a.Verify(t.Context(), "col", nil)
			if err != nil {
				t.Fatal(err)
			}
			told := false
			for _, bad := range r.Mismatches {
				told = told || strings.Contains(bad.Text, c.want)
				if bad.Key != key {
					t.Errorf("told of %s: %s", bad.Key, bad.Text)
				}
			}
			if !told || len(r.Mismatches) > maxOfObject {
				t.Errorf("told %+v", r.Mismatches)
			}
		})
	}
}

func TestOfEachObjectAFewMismatchesAreSpelledOut(t *testing.T) {
	s, m, a := manyPages(t, 30)
	s.store[m.Object(ObjectCDXJ).Key] = bytes.ReplaceAll(s.store[m.Object(ObjectCDXJ).Key], []byte(`"length":"`), []byte(`"length":"9`))
	s.put(m)
	r, err := a.Verify(t.Context(), "col", nil)
	if err != nil || r.Mismatched != 30 || len(r.Mismatches) != maxOfObject || r.Mismatches[maxOfObject-1].More != 30-maxOfObject {
		t.Errorf("%v, %d mismatches, told %+v", err, r.Mismatched, r.Mismatches)
	}
}
