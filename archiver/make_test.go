package archiver

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"newsreel/article"
	"newsreel/capture"
	"newsreel/stream"
	"newsreel/warc"
	"newsreel/warc/cdxj"
)

// epoch is when the exchanges of the tests began.
var epoch = time.Date(2024, 5, 3, 18, 19, 8, 720_000_000, time.UTC)

// exchange is what a capture of a test is made of.
type exchange struct {
	id, url string
	status  int
	body    string
	at      time.Duration // after epoch
	due     bool
}

// makeCapture makes a capture as a crawler does: two gzip members and a row.
func makeCapture(t testing.TB, enc *warc.Encoder, x exchange) *stream.Capture {
	t.Helper()
	if x.status == 0 {
		x.status = 200
	}
	date := epoch.Add(x.at)
	head := fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Type: text/html; charset=utf-8\r\nX-Id: %s\r\n\r\n", x.status, x.id)
	block := []byte(head + x.body)
	payload := warc.Sum(warc.SHA1, []byte(x.body))
	response := warc.RecordIDFor(x.id + "/response")
	c := warc.Capture{RecordID: response, TargetURI: x.url, Date: date,
		BlockDigest: warc.Sum(warc.SHA1, block), PayloadDigest: payload}
	member, err := enc.AppendMember(nil, warc.ResponseHeader(c), block)
	if err != nil {
		t.Fatal(err)
	}
	n := len(member)
	request := []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	q := warc.Capture{RecordID: warc.RecordIDFor(x.id + "/request"), TargetURI: x.url, Date: date,
		ConcurrentTo: []string{response}, BlockDigest: warc.Sum(warc.SHA1, request)}
	member, err = enc.AppendMember(member, warc.RequestHeader(q), request)
	if err != nil {
		t.Fatal(err)
	}
	host := strings.SplitN(strings.TrimPrefix(x.url, "http://"), "/", 2)[0]
	return &stream.Capture{
		Row: capture.Row{URLSurtkey: cdxj.SURT(x.url), URL: x.url, URLHostName: host, URLHostRegisteredDomain: host,
			URLProtocol: "http", FetchTime: date.UnixMicro(), FetchStatus: int16(x.status),
			ContentDigest: strings.TrimPrefix(string(payload), "sha1:"), ContentMIMEType: "text/html", CaptureID: x.id,
			DiscoveredBy: capture.ByLink, FetchMS: 12},
		Due: x.due, ResponseLen: n, RequestLen: len(member) - n, Fragment: member,
	}
}

func makeArticle(x exchange) *article.Article {
	return &article.Article{ID: x.id, ArticleID: "a-" + x.id, CaptureID: x.id, URL: x.url, Domain: "a.example",
		Fetched: epoch.Add(x.at).Format("2006-01-02T15:04:05.999999Z"), Headline: "Headline of " + x.id,
		Published: "2024-05-03", Body: x.body, Language: "en", Authors: []string{"A. Author"}}
}

func outcomeOf(x exchange) *stream.Outcome {
	return &stream.Outcome{URL: x.url, Fate: stream.FateCaptured, Kind: stream.KindPage, Status: 200,
		CaptureID: x.id, Bytes: int64(len(x.body)) + 90, Page: true, Tries: 1, Time: epoch.Add(x.at)}
}
