package archive

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"newsreel/article"
	"newsreel/capture"
	"newsreel/warc"
	"newsreel/warc/cdxj"
)

// story is a page of the tests: a capture, and the article on it if it has a
// headline.
type story struct {
	id, url, published, headline, body, lang string
	fetched                                  time.Time
	revisitOf                                string
}

// shelf is a collection under construction in memory.
type shelf struct {
	t     testing.TB
	store memory
	enc   *warc.Encoder
	next  map[string]uint64
	known map[string]story
}

func newShelf(t testing.TB) *shelf {
	return &shelf{t: t, store: memory{}, enc: warc.NewEncoder(1), next: map[string]uint64{}, known: map[string]story{}}
}

func (s *shelf) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// records builds a WARC and the rows of its captures.
func (s *shelf) records(name string, stories []story) (file []byte, rows []capture.Row) {
	h, block := warc.Warcinfo([]warc.Field{{Name: "software", Value: "test"}}, name, warc.RecordIDFor(name), time.Now())
	file, err := s.enc.AppendMember(nil, h, block)
	s.must(err)
	for _, x := range stories {
		head := "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
		payload := warc.Sum(warc.SHA1, []byte(x.body))
		c := warc.Capture{RecordID: warc.RecordIDFor(x.id), TargetURI: x.url, Date: x.fetched,
			BlockDigest: warc.Sum(warc.SHA1, []byte(head+x.body)), PayloadDigest: payload}
		member, err := s.enc.AppendMember(nil, warc.ResponseHeader(c), []byte(head+x.body))
		s.must(err)
		row := capture.Row{URLSurtkey: cdxj.SURT(x.url), URL: x.url, FetchTime: x.fetched.UnixMicro(), FetchStatus: 200,
			ContentDigest: string(payload), ContentMIMEType: "text/html", WARCFilename: name, WARCRecordOffset: int32(len(file)),
			CaptureID: x.id, RecordType: capture.RecordResponse}
		if x.revisitOf != "" {
			of := s.known[x.revisitOf]
			member, err = warc.RewriteAsRevisit(s.enc, member, warc.Reference{TargetURI: of.url, Date: of.fetched})
			s.must(err)
			row.RecordType, row.RevisitOf = capture.RecordRevisit, x.revisitOf
		}
		s.known[x.id] = x
		row.WARCRecordLength = int32(len(member))
		rows = append(rows, row)
		file = append(file, member...)
		request := []byte("GET / HTTP/1.1\r\n\r\n")
		q := warc.Capture{RecordID: warc.RecordIDFor(x.id + "q"), TargetURI: x.url, Date: x.fetched, BlockDigest: warc.Sum(warc.SHA1, request)}
		file, err = s.enc.AppendMember(file, warc.RequestHeader(q), request)
		s.must(err)
	}
	slices.SortStableFunc(rows, func(x, y capture.Row) int { return strings.Compare(x.URLSurtkey, y.URLSurtkey) })
	return file, rows
}

// segment archives stories as the next segment of run 1 of a job.
func (s *shelf) segment(job string, stories ...story) *Manifest {
	s.t.Helper()
	first := s.next[job] + 1
	s.next[job] = first + uint64(len(stories)) - 1
	m := &Manifest{Format: ManifestFormat, Segment: SegmentName(job, 1, first), Collection: "col", Job: job, Run: 1, Attempt: "att",
		Stream: "J_" + job + "_1", First: first, Last: s.next[job]}
	file, rows := s.records(path.Base(ObjectKey("col", m.Segment, "att", ObjectWARC)), stories)
	var captures, articles, log bytes.Buffer
	w := NewCaptureWriter(&captures)
	_, err := w.Write(rows)
	s.must(err)
	s.must(w.Close())
	var lines [][]byte
	places := map[string]capture.Row{}
	for _, r := range rows {
		mime := r.ContentMIMEType
		if r.RevisitOf != "" {
			mime = cdxj.RevisitMIME
			m.Counts.Revisits++
		} else {
			m.Counts.Responses++
		}
		lines = append(lines, cdxj.Line{SURT: r.URLSurtkey, Timestamp: timestamp14(r.FetchTime), URL: r.URL, MIME: mime, Status: 200,
			Digest: warc.Digest(r.ContentDigest), Length: int64(r.WARCRecordLength), Offset: int64(r.WARCRecordOffset), Filename: r.WARCFilename}.Append(nil))
		places[r.CaptureID] = r
	}
	cdxj.Sort(lines)
	out := NewArticleWriter(&articles)
	for _, x := range stories {
		if x.headline == "" {
			continue
		}
		row, err := NewArticleRow(articleOf(x))
		s.must(err)
		row.WARCFilename, row.WARCRecordOffset, row.WARCRecordLength = places[x.id].WARCFilename, places[x.id].WARCRecordOffset, places[x.id].WARCRecordLength
		_, err = out.Write([]ArticleRow{row})
		s.must(err)
		m.Counts.Articles++
	}
	s.must(out.Close())
	zip := gzip.NewWriter(&log)
	for _, x := range stories {
		fmt.Fprintf(zip, "{\"seq\":1,\"url\":%q}\n", x.url)
	}
	s.must(zip.Close())
	n := int64(len(stories))
	m.Counts.Captures, m.Counts.Requests, m.Counts.LogLines = n, n, n
	for _, o := range []struct {
		kind string
		body []byte
		rows int64
	}{
		{ObjectWARC, file, 2*n + 1}, {ObjectCDXJ, bytes.Join(lines, nil), n}, {ObjectCaptures, captures.Bytes(), n},
		{ObjectArticles, articles.Bytes(), m.Counts.Articles}, {ObjectLog, log.Bytes(), n},
	} {
		key := ObjectKey("col", m.Segment, "att", o.kind)
		s.store[key] = o.body
		m.Objects = append(m.Objects, Object{Kind: o.kind, Key: key, Rows: o.rows})
	}
	s.put(m)
	return m
}

// put stores a manifest with the sizes and sums that its objects have now.
func (s *shelf) put(m *Manifest) {
	for i := range m.Objects {
		o := &m.Objects[i]
		o.Size, o.SHA256 = int64(len(s.store[o.Key])), hexSum(s.store[o.Key])
	}
	body, err := m.Encode()
	s.must(err)
	s.store[ManifestKey("col", m.Segment)] = body
}

// finish ends a run: a record, and a ledger of the URLs given.
func (s *shelf) finish(m *Manifest, urls ...string) {
	s.t.Helper()
	m.End = true
	s.put(m)
	var ledger bytes.Buffer
	w := NewLedgerSorter(&ledger, 10, s.t.TempDir())
	for _, url := range urls {
		_, err := w.Write([]LedgerRow{{URL: url, Fate: "captured", How: capture.BySeed}})
		s.must(err)
	}
	s.must(w.Close())
	s.store[LedgerKey("col", m.Job, m.Run)] = ledger.Bytes()
	r := RunRecord{Document: json.RawMessage("null"), Summary: Summary{Job: m.Job, Run: m.Run, Collection: "col", Discovered: int64(len(urls)), Captured: int64(len(urls))}}
	for other, err := range New(s.store, "").RunManifests(s.t.Context(), "col", m.Job, m.Run) {
		s.must(err)
		r.Summary.Segments++
		r.Summary.Captures += other.Counts.Captures
		r.Summary.Revisits += other.Counts.Revisits
		r.Summary.Articles += other.Counts.Articles
	}
	key := LedgerKey("col", m.Job, m.Run)
	r.Ledger = &Object{Kind: ObjectLedger, Key: key, Size: int64(ledger.Len()), SHA256: hexSum(ledger.Bytes()), Rows: int64(len(urls))}
	body, err := r.Encode()
	s.must(err)
	s.store[RunKey("col", m.Job, m.Run)] = body
}

func articleOf(x story) *article.Article {
	return &article.Article{ID: x.id, ArticleID: "of " + x.url, CaptureID: x.id, URL: x.url, Collection: "col", Job: "job", Run: 1,
		Fetched: x.fetched.Format("2006-01-02T15:04:05.999999Z"), Headline: x.headline, Published: x.published, Body: x.body,
		Language: x.lang, Kind: article.KindArticle}
}

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}
