package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"newsreel/archive"
	"newsreel/internal/diepoint"
)

// poisonText is in pages that take memory without end, where the environment
// says so.
const poisonText = "mandrake"

const poison = "NEWSREEL_POISON=" + poisonText

// story is an article page, with more of text to its end.
func story(n int, more string) string {
	return fmt.Sprintf(`<html lang="en"><head><title>Harbour report %[1]d</title><meta property="og:type" content="article">
<meta property="article:published_time" content="2024-05-%02[2]dT10:00:00Z"></head><body><article><h1>Harbour report %[1]d</h1>
<p>The harbour at Whitcombe Sands reopened on Thursday after a week of fog, and %[1]d fishing boats left at dawn.</p>
<p>The harbour master said that the channel had been sounded twice, and that no further delay was to be expected.</p>
%[3]s</article></body></html>`, n, n%28+1, more)
}

// newspaper serves a front page that links stories 0 to n-1.
func newspaper(t *testing.T, n int, page func(n int) string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(storyPages(n, page))
	t.Cleanup(s.Close)
	return s
}

// storyPages answers with a front page that links to n stories, and with those.
func storyPages(n int, page func(n int) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var number int
		switch _, err := fmt.Sscanf(r.URL.Path, "/story/%d", &number); {
		case r.URL.Path == "/":
			for i := range n {
				fmt.Fprintf(w, `<a href="/story/%d">Story %[1]d</a> `, i)
			}
		case err == nil && number < n:
			fmt.Fprint(w, page(number))
		default:
			http.NotFound(w, r)
		}
	}
}

// dead is what `dead list` says.
func dead(t *testing.T, dir string) []archive.DeadLetter {
	t.Helper()
	p := run(t, 0, "dead", "list", "--data", dir, "--json")
	var letters []archive.DeadLetter
	for line := range bytes.Lines(p.stdout.Bytes()) {
		var d archive.DeadLetter
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatal(err)
		}
		letters = append(letters, d)
	}
	return letters
}

// A page that truly exhausts what an extraction may take is a dead letter; it
// delays nothing, and is extracted once its reason is gone.
func TestAPoisonPageIsADeadLetter(t *testing.T) {
	t.Parallel()
	const stories, bad = 20, 7
	paper := newspaper(t, stories, func(n int) string {
		if n == bad {
			return story(n, strings.Repeat("<!-- "+poisonText+" -->", 600_000))
		}
		return story(n, "")
	})
	dir := filepath.Join(t.TempDir(), "data")
	began := time.Now()
	p := startWith(t, []string{poison}, "crawl", "--data", dir, "--json", "--name", "paper", "--delay", "0s", "--allow-private", paper.URL+"/")
	if code := p.wait(t); code != 0 {
		t.Fatalf("exit %d\n%s", code, p.tail())
	}
	t.Logf("the crawl took %s", time.Since(began).Round(time.Millisecond))
	if s := p.summary(t); s.Articles != stories-1 {
		t.Errorf("%d articles, want %d", s.Articles, stories-1)
	}
	letters := dead(t, dir)
	if len(letters) != 1 || !strings.HasSuffix(letters[0].URL, fmt.Sprintf("/story/%d", bad)) ||
		!strings.Contains(letters[0].Reason, "takes more memory than it may") {
		t.Fatalf("dead letters: %+v", letters)
	}
	id := letters[0].ID
	shown := run(t, 0, "dead", "show", id[:8], "--data", dir).stdout.String()
	for _, want := range []string{id, letters[0].URL, "takes more memory", ".warc.gz"} {
		if !strings.Contains(shown, want) {
			t.Errorf("dead show does not tell %s:\n%s", want, shown)
		}
	}
	p = startWith(t, []string{poison}, "dead", "retry", id, "--data", dir)
	if code := p.wait(t); code != 1 || !strings.Contains(p.stdout.String(), "still dead") {
		t.Errorf("retry of a page that is poison still: exit %d\n%s", code, p.tail())
	}
	retried := run(t, 0, "dead", "retry", "--all", "--data", dir).stdout.String()
	if !strings.Contains(retried, "extracted") {
		t.Errorf("retry: %s", retried)
	}
	if letters := dead(t, dir); len(letters) > 0 {
		t.Errorf("dead letters left: %+v", letters)
	}
	run(t, 0, "dead", "retry", "--all", "--data", dir)
	found := run(t, 0, "search", "harbour", "--limit", "100", "--json", "--data", dir).stdout.String()
	if n := strings.Count(found, fmt.Sprintf("/story/%d\"", bad)); n == 0 || strings.Count(found, "\n") != stories {
		t.Errorf("search finds %d articles, story %d %d times:\n%s", strings.Count(found, "\n"), bad, n, found)
	}
	verify(t, dir, "paper")
	run(t, 0, "sweep", "--data", dir)
	verify(t, dir, "paper")
}

// A small page that has ended the whole process twice gets one of its own the
// third time, and ends as failed when that dies too.
func TestAPageThatEndsTheProcessEachTimeFails(t *testing.T) {
	t.Parallel()
	paper := newspaper(t, 1, func(n int) string { return story(n, "<p>"+poisonText+"</p>") })
	dir := filepath.Join(t.TempDir(), "data")
	args := []string{"crawl", "--data", dir, "--json", "--name", "paper", "--delay", "0s", "--scope", "page", "--allow-private", paper.URL + "/story/0"}
	for range 2 {
		p := startWith(t, []string{poison, diepoint.DieAt + "=extract.taken"}, args...)
		if code := p.wait(t); code != -1 {
			t.Fatalf("exit %d, want that it dies\n%s", code, p.tail())
		}
	}
	p := startWith(t, []string{poison}, args...)
	if code := p.wait(t); code != 0 {
		t.Fatalf("exit %d\n%s", code, p.tail())
	}
	letters := dead(t, dir)
	if len(letters) != 1 || !strings.Contains(letters[0].Reason, "ended its process") {
		t.Fatalf("dead letters: %+v", letters)
	}
	if p := run(t, 0, "dead", "retry", "--all", "--data", dir); !strings.Contains(p.stdout.String(), "extracted") {
		t.Errorf("retry: %s", p.tail())
	}
	if articles := strings.Count(run(t, 0, "search", "harbour", "--json", "--data", dir).stdout.String(), "\n"); articles != 1 {
		t.Errorf("%d articles", articles)
	}
	verify(t, dir, "paper")
}
