package demo

import (
	"context"
	"crypto/sha1"
	"encoding/base32"
	"flag"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

type contextType = context.Context

// TestMain looks for leaked goroutines, except while fuzzing, when the fuzzer's
// own run beside the tests.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.fuzz"); f != nil && f.Value.String() != "" {
		os.Exit(m.Run())
	}
	goleak.VerifyTestMain(m)
}

func digest(b []byte) string {
	sum := sha1.Sum(b)
	return base32.StdEncoding.EncodeToString(sum[:])
}

// unmoved is a world in its first edition, for tests that only look.
var unmoved = sync.OnceValue(New)

func started(t *testing.T) *World {
	t.Helper()
	w := New()
	if _, err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func TestAPlainCrawlFindsExactlyWhatIsExpected(t *testing.T) {
	w := started(t)
	for _, edition := range []int{FirstEdition, SecondEdition} {
		w.SetEdition(edition)
		got := newWalker(t, w).crawl()
		want := map[string]Expected{}
		for _, e := range w.Expected() {
			e.Article, e.Duplicate, e.Unchanged, e.OptOut = nil, false, false, false
			want[e.URL] = e
		}
		for _, u := range slices.Sorted(maps.Keys(want)) {
			if diff := cmp.Diff(want[u], got[u]); diff != "" {
				t.Errorf("edition %d: %s (-expected +found):\n%s", edition, u, diff)
			}
		}
		for _, u := range slices.Sorted(maps.Keys(got)) {
			if _, ok := want[u]; !ok {
				t.Errorf("edition %d: found %s (%s), which is not expected", edition, u, got[u].Fate)
			}
		}
		t.Logf("edition %d: %d URLs, %d articles", edition, len(want), len(w.Articles()))
	}
}

func TestTwoWorldsAreTheSameBytes(t *testing.T) {
	if diff := cmp.Diff(unmoved().Expected(), New().Expected()); diff != "" {
		t.Error(diff)
	}
}

func TestPagesAreInTheCharsetThatTheyName(t *testing.T) {
	w := unmoved()
	for u, r := range w.editions[FirstEdition].resources {
		if !r.expect.Due {
			continue
		}
		legacy := strings.Contains(u, "www.vistka") || strings.Contains(u, "elfaro")
		if utf8.Valid(r.body) == legacy {
			t.Errorf("%s: valid UTF-8 is %v", u, !legacy)
		}
		if n := len(r.body); n < 1500 || n > 60_000 {
			t.Errorf("%s: %d bytes", u, n)
		}
	}
}

// ask sends one request, with header fields in pairs, to a host of the world.
func ask(t *testing.T, w *World, url string, fields ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		req.Header.Set(fields[i], fields[i+1])
	}
	host := req.URL.Host
	req.Host = host
	req.URL.Host = w.Resolve()[chronicleHost]
	tr := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	defer tr.CloseIdleConnections()
	res, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return res, body
}

func TestAnUnknownHostAndAnUnknownPageAreNotFound(t *testing.T) {
	w := started(t)
	for _, u := range []string{"http://www.nobody.example/", "http://" + chronicleHost + "/no/such/page"} {
		if res, body := ask(t, w, u, "User-Agent", "tester/1"); res.StatusCode != http.StatusNotFound || len(body) == 0 {
			t.Errorf("%s: %d %q", u, res.StatusCode, body)
		}
	}
	log := w.Log()
	if len(log) != 2 || log[0].Host != "www.nobody.example" || log[1].Path != "/no/such/page" ||
		log[0].UserAgent != "tester/1" || log[1].Status != http.StatusNotFound || log[0].Time.IsZero() {
		t.Errorf("log %+v", log)
	}
}

func TestValidatorsGetA304UntilThePageChanges(t *testing.T) {
	w := started(t)
	edited := "http://" + chronicleHost + chroniclePath(t, w, chronicleEdited)
	for u, field := range map[string]string{
		"http://www.courrier-des-monts.example/": "Etag", edited: "Last-Modified",
	} {
		first, _ := ask(t, w, u)
		ask1 := map[string]string{"Etag": "If-None-Match", "Last-Modified": "If-Modified-Since"}[field]
		again, body := ask(t, w, u, ask1, first.Header.Get(field))
		if first.StatusCode != http.StatusOK || again.StatusCode != http.StatusNotModified || len(body) != 0 {
			t.Errorf("%s: %d, then %d with %d bytes", u, first.StatusCode, again.StatusCode, len(body))
		}
		if last := w.Log()[len(w.Log())-1]; !last.Conditional || last.Status != http.StatusNotModified {
			t.Errorf("log %+v", last)
		}
	}
	old, _ := ask(t, w, edited)
	w.SetEdition(SecondEdition)
	if res, body := ask(t, w, edited, "If-Modified-Since", old.Header.Get("Last-Modified")); res.StatusCode != http.StatusOK || !strings.Contains(string(body), "sends drum home") {
		t.Errorf("the edited story: %d", res.StatusCode)
	}
}

func chroniclePath(t *testing.T, _ *World, i int) string {
	t.Helper()
	m, err := chronicle(FirstEdition)
	if err != nil {
		t.Fatal(err)
	}
	return m.stories[i].path
}

func TestAWeekLaterLittleHasChanged(t *testing.T) {
	w := New()
	before := map[string]Expected{}
	for _, e := range w.Expected() {
		before[e.URL] = e
	}
	w.SetEdition(SecondEdition)
	newArticles, headlines, gone, unchanged := 0, 0, 0, 0
	for _, e := range w.Expected() {
		old, known := before[e.URL]
		delete(before, e.URL)
		switch {
		case !known && e.Article != nil:
			newArticles++
		case known && e.Article != nil && e.Article.Headline != old.Article.Headline:
			headlines++
			if e.Article.Modified == "" {
				t.Errorf("%s: an edited story without a time of the edit", e.URL)
			}
		case e.Status == http.StatusGone && old.Status == http.StatusOK:
			gone++
		case e.Unchanged:
			unchanged++
		}
	}
	if newArticles != 2 || headlines != 1 || gone != 1 || unchanged < 200 {
		t.Errorf("%d new, %d edited, %d gone, %d unchanged", newArticles, headlines, gone, unchanged)
	}
	for u := range before {
		t.Errorf("%s is unknown a week later", u)
	}
}

func TestAServerThatIsTiredAnswersTheSecondTime(t *testing.T) {
	w := started(t)
	u := "http://" + chronicleHost + "/weather/"
	for _, edition := range []int{FirstEdition, SecondEdition} {
		w.SetEdition(edition)
		first, _ := ask(t, w, u)
		second, _ := ask(t, w, u)
		if first.StatusCode != http.StatusServiceUnavailable || first.Header.Get("Retry-After") != "1" || second.StatusCode != http.StatusOK {
			t.Errorf("edition %d: %d, then %d", edition, first.StatusCode, second.StatusCode)
		}
	}
}

func TestOnlyTheStoryUnderTwoAddressesIsADuplicate(t *testing.T) {
	var twice []string
	for _, e := range unmoved().Expected() {
		if e.Duplicate {
			twice = append(twice, e.Digest)
		}
	}
	if len(twice) != 2 || twice[0] != twice[1] {
		t.Errorf("duplicates %v", twice)
	}
}

func TestTheJobNamesSeedsAndAddresses(t *testing.T) {
	w := started(t)
	var doc struct {
		Name  string
		Seeds struct{ URLs, Feeds, Sitemaps []string }
		Scope struct {
			Mode     string
			Discover bool
		}
		Limits     map[string]string
		Politeness map[string]any
		Network    struct {
			AllowPrivate bool `yaml:"allow_private"`
			Resolve      map[string]string
		}
		Archive struct{ Assets string }
	}
	if err := yaml.UnmarshalWithOptions([]byte(w.JobYAML()), &doc, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if doc.Name != "demo" || len(doc.Seeds.URLs) != 7 || !doc.Network.AllowPrivate || doc.Archive.Assets != "images" || doc.Scope.Mode != "host" {
		t.Errorf("%+v", doc)
	}
	if diff := cmp.Diff(w.Resolve(), doc.Network.Resolve); diff != "" {
		t.Error(diff)
	}
	if c, err := net.Dial("tcp", w.Resolve()[deadHost]); err == nil {
		c.Close()
		t.Error("the dead host takes connections")
	}
}

func TestAWorldStartsAgainAfterClose(t *testing.T) {
	w := New()
	for range 2 {
		if _, err := w.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Start(); err == nil {
			t.Error("started twice")
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if w.Resolve() != nil || w.Close() != nil {
			t.Error("a closed world resolves names")
		}
	}
}

func TestHostsSendBodiesInTheirOwnManner(t *testing.T) {
	w := started(t)
	front := "http://" + chronicleHost + "/"
	plain, text := ask(t, w, front)
	coded, squeezed := ask(t, w, front, "Accept-Encoding", "gzip")
	if plain.Header.Get("Content-Encoding") != "" || coded.Header.Get("Content-Encoding") != "gzip" ||
		string(gunzip(t, squeezed)) != string(text) || coded.Header.Get("Set-Cookie") == "" {
		t.Errorf("%s: plain %v, coded %v", front, plain.Header, coded.Header)
	}
	if res, _ := ask(t, w, "http://www.hafenbote.example/"); res.ContentLength != -1 || !slices.Equal(res.TransferEncoding, []string{"chunked"}) {
		t.Errorf("Hafenbote: length %d, %v", res.ContentLength, res.TransferEncoding)
	}
	if res, body := ask(t, w, "http://www.vistka.example/"); res.ContentLength != int64(len(body)) || len(body) == 0 {
		t.Errorf("Vistka: length %d, body of %d bytes", res.ContentLength, len(body))
	}
	if res, body := ask(t, w, "http://"+chronicleHost+"/supplements/long-read"); res.ContentLength != int64(len(body))+4096 {
		t.Errorf("long read: length %d, body of %d bytes", res.ContentLength, len(body))
	}
}
