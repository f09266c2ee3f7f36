package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"newsreel/archive"
)

func TestAFailedCrawlSaysWhy(t *testing.T) {
	const hint = "--allow-private lets"
	for name, c := range map[string]struct {
		args   []string
		says   string
		hinted bool
	}{
		"a bad port, whatever is allowed":       {[]string{"http://127.0.0.1:6000/", "--allow-private"}, "bad ports", false},
		"a bad port":                            {[]string{"http://127.0.0.1:6000/"}, "bad ports", false},
		"an address that is not public":         {[]string{"http://127.0.0.1:8080/"}, "127.0.0.0/8", true},
		"a name that was given such an address": {[]string{"http://a.test/", "--resolve", "a.test=127.0.0.1"}, "127.0.0.0/8", true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newsreel(t, append([]string{"crawl", "--data", filepath.Join(t.TempDir(), "data")}, c.args...)...)
			if r.code != exitFailed || strings.Contains(r.stderr, hint) != c.hinted {
				t.Errorf("exit %d:\n%s", r.code, r.stderr)
			}
			wants(t, r.stderr, c.args[0]+": address (refused): ", c.says, "0 captured, 0 failed, 2 skipped, 0 waiting")
			wants(t, r.stdout, "2 address (refused)")
		})
	}
}

func TestAFailedCrawlNamesWhatMayCureIt(t *testing.T) {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	r := newsreel(t, "crawl", "--data", filepath.Join(t.TempDir(), "data"), "--allow-private", "--tries", "1", s.URL)
	if r.code != exitFailed {
		t.Errorf("exit %d", r.code)
	}
	wants(t, r.stderr, s.URL+"/robots.txt: tls ", "--certificates record")
}

func TestTheLastLineOfProgressIsTheResult(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page))
	}))
	t.Cleanup(s.Close)
	r := newsreel(t, "crawl", "--data", filepath.Join(t.TempDir(), "data"), "--allow-private", "--max-pages", "1", "--json", s.URL)
	var sum archive.Summary
	if err := json.Unmarshal([]byte(r.stdout), &sum); err != nil || r.code != exitDone {
		t.Fatalf("exit %d, %v\n%s", r.code, err, r.stderr)
	}
	lines := strings.Split(strings.TrimSpace(r.stderr), "\n")
	last := lines[len(lines)-1]
	if n := sum.Captured; n == 0 || !strings.HasPrefix(last, string(rune('0'+n))+" captured") || strings.Contains(last, "archiving") ||
		!strings.Contains(last, " 0 waiting, "+string(rune('0'+sum.Articles))+" articles") {
		t.Errorf("%q for %+v", last, sum)
	}
}
