package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"newsreel/internal/robots"
)

const robotsTxt = "User-agent: *\nDisallow: /private/\nAllow: /private/open\n\nUser-agent: other\nDisallow: /\n"

// site serves a robots.txt, a page, a redirect to it, and faults.
func site(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/robots.txt", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(robotsTxt)) })
	mux.HandleFunc("/news/1", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page))
	})
	mux.Handle("/moved", http.RedirectHandler("/news/1", http.StatusMovedPermanently))
	mux.Handle("/loop", http.RedirectHandler("/loop", http.StatusFound))
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestRobotsJudgesInTheOrderGiven(t *testing.T) {
	file := write(t, filepath.Join(t.TempDir(), "robots.txt"), []byte(robotsTxt))
	out := done(t, "robots", file, "https://example.com/private/x", "/private/open", "/", "--json")
	want := `{"url":"https://example.com/private/x","allowed":false,"rule":"Disallow: /private/","line":2}
{"url":"/private/open","allowed":true,"rule":"Allow: /private/open","line":3}
{"url":"/","allowed":true,"rule":"","line":0}
`
	if out != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
	text := done(t, "robots", "--agent", "Other/2.0", file, "/")
	if text != "not allowed  /  (line 6: Disallow: /)\n" {
		t.Errorf("%q", text)
	}
	cmd := program(t, "robots", "-", "/private/")
	cmd.Stdin = strings.NewReader(robotsTxt)
	if r := finished(t, cmd); r.stdout != "not allowed  /private/  (line 2: Disallow: /private/)\n" {
		t.Errorf("%q %s", r.stdout, r.stderr)
	}
}

func TestRobotsOfASite(t *testing.T) {
	url := site(t)
	wants(t, done(t, "robots", url, "/private/", "--allow-private"), "not allowed", "line 2")
	wants(t, done(t, "robots", url+"/none.txt", "/private/", "--allow-private"), "allowed ", "status 404")
	wants(t, done(t, "robots", url+"/broken", "/private/", "--allow-private"), "not allowed", "status 503")
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	wants(t, done(t, "robots", gone.URL+"/robots.txt", "/", "--allow-private"), "not allowed", "unreachable", "refused")
	r := newsreel(t, "robots", url, "/")
	if r.code != exitFailed {
		t.Errorf("exit %d", r.code)
	}
	wants(t, r.stderr, "--allow-private")
}

func TestRobotsVerdictsInWords(t *testing.T) {
	for want, v := range map[string]robots.Verdict{
		"allowed      /x  (no rule matches)":          {Allowed: true},
		"allowed      /x  (robots.txt: status 404)":   {Allowed: true, Rule: "robots.txt: status 404"},
		"not allowed  /x  (line 3: Disallow: / [31m)": {Rule: "Disallow: /\x1b[31m", Line: 3},
	} {
		if got := robotsText("/x", v); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestExtractOfFileStdinAndURL(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "a.html"), []byte(page))
	packed := write(t, filepath.Join(dir, "a.html.gz"), zipped(t, page))
	url := site(t)
	stdin := program(t, "extract", "-", "--url", "https://example.com/1", "--json")
	stdin.Stdin = strings.NewReader(page)
	for name, out := range map[string]string{
		"file":     done(t, "extract", file, "--url", "https://example.com/1", "--json"),
		"zipped":   done(t, "extract", packed, "--url", "https://example.com/1", "--json"),
		"stdin":    finished(t, stdin).stdout,
		"url":      done(t, "extract", url+"/news/1", "--allow-private", "--json"),
		"redirect": done(t, "extract", url+"/moved", "--allow-private", "--json"),
	} {
		if strings.Count(out, "\n") != 1 {
			t.Errorf("%s: not one line:\n%s", name, out)
		}
		wants(t, out, `"headline":"Harbour reopens"`, `"published":"2024-05-03T10:00:00+00:00"`, `/1"`)
		if fetched := strings.Contains(out, `"fetched":"20`); fetched != (name == "url" || name == "redirect") {
			t.Errorf("%s: %s", name, out)
		}
	}
	text := done(t, "extract", file)
	wants(t, text, "{\n  \"", "Harbour reopens")
	goldenShape(t, "extract", done(t, "extract", file, "--url", "https://example.com/1"))
}

func TestExtractSaysWhyAURLGivesNone(t *testing.T) {
	url := site(t)
	for path, says := range map[string]string{"/none": "404", "/broken": "503", "/loop": "redirects"} {
		r := newsreel(t, "extract", url+path, "--allow-private")
		if r.code != exitFailed || r.stdout != "" {
			t.Errorf("%s: exit %d %q", path, r.code, r.stdout)
		}
		wants(t, r.stderr, says)
	}
	r := newsreel(t, "extract", url+"/news/1")
	if r.code != exitFailed {
		t.Errorf("exit %d", r.code)
	}
	wants(t, r.stderr, "--allow-private")
	if r := newsreel(t, "extract", "none.html"); r.code != exitFailed {
		t.Errorf("exit %d", r.code)
	}
}

type noNames struct{}

func (noNames) LookupHost(_ context.Context, host string) ([]string, error) {
	if host == "known.example" {
		return []string{"192.0.2.1"}, nil
	}
	return nil, errors.New("no such host")
}

func findingOf(t *testing.T, list []finding, name string) finding {
	t.Helper()
	var last *finding
	for i := range list {
		if list[i].Name == name {
			last = &list[i]
		}
	}
	if last == nil {
		t.Fatalf("no finding %q in %+v", name, list)
	}
	return *last
}

func TestDoctorTellsOfTheEnvironmentAndTheClock(t *testing.T) {
	d := doctor{dir: filepath.Join(t.TempDir(), "new"), names: []string{"known.example", "gone.example"}, resolver: noNames{},
		environ: []string{"HTTPS_PROXY=http://proxy:3128", "COLLY_USER_AGENT=x", "COLLY_EMPTY=", "NEWSREEL_DELAY=2s", "NEWSREEL_DATA=x"},
		now:     time.Date(1970, 1, 1, 0, 5, 0, 0, time.UTC)}
	list := d.examine(t.Context())
	for name, want := range map[string][3]string{
		"data folder": {findingOK, "is not there yet", ""},
		"proxy":       {findingNote, "HTTPS_PROXY is set", "--proxy"},
		"colly":       {findingNote, "COLLY_USER_AGENT is set", "unset COLLY_USER_AGENT"},
		"environment": {findingOK, "NEWSREEL_DELAY, NEWSREEL_DATA are set", ""},
		"clock":       {findingProblem, "1970-01-01", "timedatectl"},
		"dns":         {findingProblem, "no such host", "--resolve gone.example="},
	} {
		f := findingOf(t, list, name)
		if f.State != want[0] {
			t.Errorf("%+v, want %s", f, want[0])
		}
		wants(t, f.Text, want[1])
		wants(t, f.Cure, want[2])
	}
	for _, f := range list {
		if f.State == findingProblem && f.Cure == "" {
			t.Errorf("no cure for %+v", f)
		}
	}
	var out strings.Builder
	err := d.report(&out, list, false)
	var exit *exitError
	if !errors.As(err, &exit) || exit.code != exitFailed {
		t.Errorf("%v", err)
	}
	wants(t, out.String(), "PROBLEM  clock", "→ timedatectl set-ntp true")
}

func TestDoctorOfAFolder(t *testing.T) {
	data := demoFolder(t)
	r := newsreel(t, "doctor", "--data", data)
	wants(t, r.stdout, "data folder", "format 1, held by nobody", "fsync", "pages a second", "sockets", "dns")
	r = newsreel(t, "doctor", "--data", data, "--json")
	wants(t, r.stdout, `"findings":[{"name":"data folder","state":"ok"`)

	newer := demoCopy(t)
	write(t, filepath.Join(newer, "VERSION.json"), []byte(`{"format": 99, "written_by": "newsreel 9"}`))
	r = newsreel(t, "doctor", "--data", newer)
	if r.code != exitFailed {
		t.Errorf("exit %d", r.code)
	}
	wants(t, r.stdout, "PROBLEM  data folder", "format 99", "newsreel 9")
	file := write(t, filepath.Join(t.TempDir(), "file"), nil)
	r = newsreel(t, "doctor", "--data", file)
	if r.code != exitFailed {
		t.Errorf("exit %d", r.code)
	}
	wants(t, r.stdout, "PROBLEM  data folder", "no folder", "--data")
}

func TestPagesThatAnFsyncLetsThrough(t *testing.T) {
	for fsync, want := range map[time.Duration]int64{300 * time.Microsecond: 2000, 5 * time.Millisecond: 250, 40 * time.Millisecond: 31} {
		if got := pagesPerSecond(fsync); got != want {
			t.Errorf("%s: %d, want %d", fsync, got, want)
		}
	}
}

func TestNameServers(t *testing.T) {
	got := nameServers("# nameserver 1.1.1.1\nsearch example.com\nnameserver 192.0.2.1 \nnameserver\n\tnameserver 2001:db8::1\n")
	if strings.Join(got, " ") != "192.0.2.1 2001:db8::1" {
		t.Errorf("%q", got)
	}
}
