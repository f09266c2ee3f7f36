package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"newsreel/article"
	"newsreel/internal/cluster"
	"newsreel/internal/diepoint"
)

// strange is an article page of which nothing but a site rule knows where its
// headline stands.
func strange(n int, more string) string {
	return fmt.Sprintf(`<html lang="en"><head><title>The Whitcombe Packet</title><meta property="og:type" content="article">
<meta property="article:published_time" content="2024-05-%02[2]dT10:00:00Z"></head><body><h1>The Whitcombe Packet</h1>
<article><div class="x1">Harbour report %[1]d</div><div class="x2">Another line %[1]d</div>
<p>The harbour at Whitcombe Sands reopened on Thursday after a week of fog, and %[1]d fishing boats left at dawn.</p>
<p>The harbour master said that the channel had been sounded twice, and that no further delay was to be expected.</p>
%[3]s</article></body></html>`, n, n%28+1, more)
}

// siteRule writes a rule that has the headline where selector says, and returns
// how documents name it.
func siteRule(t *testing.T, file, selector string) string {
	t.Helper()
	text := []byte("name: packet\nmatch:\n  hosts: [127.0.0.1]\nheadline: " + selector + "\n")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	return "packet@sha256:" + hex.EncodeToString(sum[:])
}

// headlines are those of the articles that an export gave, which all say in their
// sources that they were read with the rule.
func headlines(t *testing.T, export, rule string) []string {
	t.Helper()
	var list []string
	for line := range strings.Lines(export) {
		var a article.Article
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		list = append(list, a.Headline)
		name, sum, _ := strings.Cut(rule, "@sha256:")
		if said := a.Sources["rule"].From; said != name+" "+sum[:8] {
			t.Errorf("%s was read with the rule %q, want %s", a.URL, said, rule)
		}
	}
	slices.Sort(list)
	return list
}

// rulesOf are those that a finished run was made with, as its record says.
func rulesOf(t *testing.T, record []byte) []string {
	t.Helper()
	var r struct {
		Document struct {
			Extract struct {
				Rules []string `json:"rules"`
			} `json:"extract"`
		} `json:"document"`
	}
	if err := json.Unmarshal(record, &r); err != nil {
		t.Fatal(err)
	}
	return r.Document.Extract.Rules
}

// A run reads its pages with the site rules that it began with: after it was
// killed and the files changed, in the processes that large pages are extracted
// in, and when a page is retried that could not be extracted. The next run takes
// the files as they are then.
func TestARunReadsWithTheSiteRulesThatItBeganWith(t *testing.T) {
	t.Parallel()
	const stories, bad = 24, 7
	var version atomic.Pointer[string]
	version.Store(new("first"))
	gate := make(chan struct{})
	pages := storyPages(stories, func(n int) string {
		more := "<p>This is the " + *version.Load() + " version of the page.</p>"
		if n == bad { // large enough for a process of its own
			more += strings.Repeat("<!-- "+poisonText+" -->", 600_000)
		}
		return strange(n, more)
	})
	var asked atomic.Int64
	paper := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/story/") && asked.Add(1) > stories/2 {
			select {
			case <-gate:
			case <-r.Context().Done():
				return
			}
		}
		pages(w, r)
	}))
	t.Cleanup(paper.Close)

	folder := t.TempDir()
	dir, file, document := filepath.Join(folder, "data"), filepath.Join(folder, "jobs", "rules", "packet.yaml"), filepath.Join(folder, "jobs", "packet.yaml")
	siteRule(t, file, ".wrong")
	text := "name: packet\nseeds:\n  urls: [" + paper.URL + "/]\npoliteness: {delay: 0s}\nnetwork: {allow_private: true}\nextract:\n  rules: [rules]\n"
	if err := os.WriteFile(document, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"crawl", "--data", dir, "--json", document}
	record := func(run int) []byte {
		return read(t, filepath.Join(dir, "s3", "newsreel", "packet", "jobs", "packet", fmt.Sprint(run)+".json"))
	}
	want := func(line string, without ...int) (list []string) {
		for n := range stories {
			if !slices.Contains(without, n) {
				list = append(list, fmt.Sprintf(line, n))
			}
		}
		slices.Sort(list)
		return list
	}
	found := func(query string) string {
		return run(t, 0, "export", "--format", "jsonl", "--query", query, "--data", dir, "-o", "-").stdout.String()
	}

	p := startWith(t, []string{diepoint.DieAt + "=begin.run"}, args...)
	if code := p.wait(t); code != -1 {
		t.Fatalf("exit %d, want that it dies\n%s", code, p.tail())
	}
	first := siteRule(t, file, ".x1") // the run has not begun, and takes it
	p = startWith(t, []string{poison}, args...)
	p.until(t, "a part of the crawl", func() bool { return asked.Load() > stories/2 })
	if !strings.Contains(p.said(), "Articles are read with 1 site rule.") {
		t.Errorf("the crawl does not say that it uses rules:\n%s", p.said())
	}
	p.kill()
	second := siteRule(t, file, ".x2")
	close(gate)
	p = startWith(t, []string{poison}, args...)
	if code := p.wait(t); code != 0 || !strings.Contains(p.said(), "it goes on with those that it began with") {
		t.Fatalf("exit %d\n%s", code, p.tail())
	}
	if got := headlines(t, found("harbour"), first); !slices.Equal(got, want("Harbour report %d", bad)) {
		t.Errorf("headlines after the kill: %q", got)
	}
	if got := rulesOf(t, record(1)); !slices.Equal(got, []string{first}) {
		t.Errorf("the record of the run says %q, want %s", got, first)
	}
	if letters := dead(t, dir); len(letters) != 1 {
		t.Fatalf("dead letters: %+v", letters)
	}
	run(t, 0, "dead", "retry", "--all", "--data", dir)
	if got := headlines(t, found("harbour"), first); !slices.Equal(got, want("Harbour report %d")) {
		t.Errorf("headlines after the retry: %q", got)
	}

	version.Store(new("second"))
	run(t, 0, append(args, "--again")...)
	if got := headlines(t, found("second version"), second); !slices.Equal(got, want("Another line %d")) {
		t.Errorf("headlines of the second run: %q", got)
	}
	if got := rulesOf(t, record(2)); !slices.Equal(got, []string{second}) {
		t.Errorf("the record of the second run says %q, want %s", got, second)
	}
	run(t, 0, "sweep", "--data", dir)
	verify(t, dir, "packet")

	// What the first run was made with is held to its checksum, and missed.
	_, sum, _ := strings.Cut(first, "@sha256:")
	stored := filepath.Join(dir, "s3", "newsreel", "packet", "rules", sum+".yaml")
	if !bytes.Contains(read(t, stored), []byte("headline: .x1")) {
		t.Errorf("%s is not the first rule", stored)
	}
	if err := os.WriteFile(stored, []byte("name: packet\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := run(t, 1, "verify", "--data", dir); !strings.Contains(out.stdout.String()+out.said(), "and its name says another") {
		t.Errorf("verify of a rule that was changed:\n%s", out.tail())
	}
	if err := os.Remove(stored); err != nil {
		t.Fatal(err)
	}
	if out := run(t, 1, "verify", "--data", dir); !strings.Contains(out.stdout.String()+out.said(), "is missing: run 1 of job packet was made with it") {
		t.Errorf("verify without a rule:\n%s", out.tail())
	}
}

// A run whose rule was lost from the store is archived all the same. Its pages are
// dead letters, never articles read without the rule, until the rule is back.
func TestARunThatLostASiteRuleIsArchivedAndRetried(t *testing.T) {
	t.Parallel()
	const stories = 6
	paper := httptest.NewServer(storyPages(stories, func(n int) string { return strange(n, "") }))
	t.Cleanup(paper.Close)
	folder := t.TempDir()
	dir, file, document := filepath.Join(folder, "data"), filepath.Join(folder, "rules", "packet.yaml"), filepath.Join(folder, "packet.yaml")
	first := siteRule(t, file, ".x1")
	text := "name: packet\nseeds:\n  urls: [" + paper.URL + "/]\npoliteness: {delay: 0s}\nnetwork: {allow_private: true}\nextract:\n  rules: [rules]\n"
	if err := os.WriteFile(document, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startWith(t, []string{diepoint.DieAt + "=extract.taken"}, "crawl", "--data", dir, document)
	if code := p.wait(t); code != -1 {
		t.Fatalf("exit %d, want that it dies\n%s", code, p.tail())
	}
	_, sum, _ := strings.Cut(first, "@sha256:")
	stored := filepath.Join(dir, "s3", "newsreel", "packet", "rules", sum+".yaml")
	if err := os.WriteFile(stored, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	siteRule(t, file, ".x2")

	if said := run(t, 0, "crawl", "--data", dir, document).said(); !strings.Contains(said, "site rule packet: lost from the collection") {
		t.Errorf("the crawl does not tell what is lost:\n%s", said)
	}
	letters := dead(t, dir)
	if len(letters) != stories+1 { // the front page too: who knows what a rule makes of it
		t.Errorf("%d dead letters, want %d", len(letters), stories+1)
	}
	for _, d := range letters {
		if !strings.Contains(d.Reason, "lost from the collection") {
			t.Errorf("%s is dead for %q", d.URL, d.Reason)
		}
	}
	run(t, 1, "dead", "retry", "--all", "--data", dir)

	siteRule(t, file, ".x1")
	run(t, 0, "job", "submit", document, "--data", dir)
	run(t, 0, "dead", "retry", "--all", "--data", dir)
	export := run(t, 0, "export", "--format", "jsonl", "--data", dir, "-o", "-").stdout.String()
	if got := headlines(t, export, first); len(got) != stories || got[0] != "Harbour report 0" {
		t.Errorf("headlines once the rule is back: %q", got)
	}
	verify(t, dir, "packet")
}

// In a cluster the rules reach the extractors, which know no files of the machine
// that a job was submitted on.
func TestSiteRulesReachTheExtractorsOfACluster(t *testing.T) {
	const stories = 10
	c := startCluster(t, cluster.Config{NoSync: true})
	gate := make(chan struct{})
	pages := storyPages(stories, func(n int) string { return strange(n, "") })
	paper := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/story/") {
			select {
			case <-gate:
			case <-r.Context().Done():
				return
			}
		}
		pages(w, r)
	}))
	t.Cleanup(paper.Close)
	file := filepath.Join(t.TempDir(), "packet.yaml")
	submit := []string{"job", "submit", paper.URL + "/", "--name", "packet", "--allow-private", "--delay", "10ms", "--rules", file}
	siteRule(t, file, ".wrong")
	do(t, c, submit...)
	first := siteRule(t, file, ".x1") // the run has not begun, and takes it
	do(t, c, submit...)
	for _, kind := range []string{"crawler", "extractor", "extractor", "archiver"} {
		role(t, c, kind)
	}
	eventually(t, "the crawl", func() bool { return strings.Contains(do(t, c, "job", "show", "packet"), "running for") })
	siteRule(t, file, ".x2")
	do(t, c, submit...)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	close(gate)
	do(t, c, "job", "watch", "packet", "--quiet")
	var want []string
	for n := range stories {
		want = append(want, fmt.Sprintf("Harbour report %d", n))
	}
	slices.Sort(want)
	if got := headlines(t, do(t, c, "export", "--format", "jsonl", "-o", "-"), first); !slices.Equal(got, want) {
		t.Errorf("headlines: %q", got)
	}
	do(t, c, "verify")
}

// A command names its data folder whole, so a working directory that was deleted
// is in nobody's way, but for paths relative to it.
func TestACommandRunsWhereTheWorkingDirectoryIsGone(t *testing.T) {
	newsreel, err := program()
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	gone := func(args ...string) (string, error) {
		cmd := exec.Command("/bin/sh", append([]string{"-c", `rmdir "$PWD" && exec "$0" "$@"`, newsreel}, args...)...)
		cmd.Dir, cmd.Env = filepath.Join(t.TempDir(), "gone"), cleanEnvironment()
		if err := os.Mkdir(cmd.Dir, 0o755); err != nil {
			t.Fatal(err)
		}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := gone("job", "submit", "http://paper.example/", "--name", "paper", "--data", data); err != nil {
		t.Fatalf("job submit: %v\n%s", err, out)
	}
	if out, err := gone("job", "show", "paper", "--data", data); err != nil {
		t.Fatalf("job show: %v\n%s", err, out)
	}
	out, err := gone("crawl", "--name", "paper", "--rules", "rules", "--data", data)
	if err == nil || !strings.Contains(out, "the working directory") {
		t.Fatalf("crawl --rules rules: %v\n%s", err, out)
	}
}
