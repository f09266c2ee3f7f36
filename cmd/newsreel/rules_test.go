package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const hafenbote = "../../extractor/rules/testdata/"

func TestRulesAreCheckedTestedAndUsed(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"rules", "check", hafenbote + "hafenbote.yaml"}, 0, "1 rule without fault, with 1 test\n"},
		{[]string{"rules", "check", hafenbote + "hafenbote.yaml", "--json"}, 0, `"name":"hafenbote"`},
		{[]string{"rules", "check", hafenbote + "faults.bad.yaml"}, 1, "faults.bad.yaml:10: published.zone:"},
		{[]string{"rules", "check", "none"}, 1, "none"},
		{[]string{"rules", "check"}, 2, "rules check wants a folder"},
		{[]string{"rules", "burn"}, 2, `no command "rules burn"`},
		{[]string{"rules", "test", hafenbote + "hafenbote.yaml"}, 0, "1 test, all as wanted\n"},
		{[]string{"rules", "test", hafenbote + "hafenbote.yaml", "--json"}, 0, `"ok":true`},
		{[]string{"rules", "new", hafenbote + "hafenbote.html"}, 2, "--url"},
		{[]string{"rules", "schema"}, 0, "urn:newsreel:site-rule"},
		{[]string{"extract", hafenbote + "hafenbote.html", "--url", "https://hafenbote.example/hafen/schleuse", "--rules", hafenbote + "hafenbote.yaml"}, 0, `"published": "2019-06-03T07:40:00+02:00"`},
		{[]string{"extract", hafenbote + "hafenbote.html", "--url", "https://hafenbote.example/hafen/schleuse", "--rules", hafenbote + "hafenbote.yaml", "--explain"}, 0, "a site rule says where it stands"},
		{[]string{"extract", "x.html", "--rules", hafenbote + "faults.bad.yaml"}, 2, "faults.bad.yaml:1: name:"},
		{[]string{"crawl", "https://paper.example/", "--rules", hafenbote + "faults.bad.yaml"}, 2, "faults.bad.yaml:10: published.zone:"},
		{[]string{"job", "submit", "https://paper.example/", "--rules", "none"}, 2, "--rules: read none: no such file"},
		{[]string{"crawl", "https://paper.example/", "--rules", hafenbote + "hafenbote.yaml", "--explain"}, 0, "rules/testdata/hafenbote.yaml\n"},
		{[]string{"extract", "x.html", "--listen", "127.0.0.1:0"}, 2, "--listen"},
	} {
		var out, errs bytes.Buffer
		if code := run(c.args, strings.NewReader(""), &out, &errs); code != c.code || !strings.Contains(out.String()+errs.String(), c.want) {
			t.Errorf("%v: exit %d\n%s%s", c.args, code, out.String(), errs.String())
		}
	}
}

// The paths of flags are those of who typed them, though the folder of the process
// is another once it holds a data folder.
func TestAStoredJobTakesOtherSiteRules(t *testing.T) {
	dir := t.TempDir()
	text, err := os.ReadFile(hafenbote + "hafenbote.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "rule.yaml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		args []string
	}{
		{0, []string{"job", "submit", "http://127.0.0.1:9/", "--name", "paper"}},
		{0, []string{"job", "submit", "--name", "paper", "--rules", "rule.yaml", "--max-pages", "7"}},
		{2, []string{"job", "submit", "--name", "paper", "--rules", "none.yaml"}},
		{1, []string{"crawl", "--name", "paper", "--rules", "rule.yaml", "--tries", "1"}},
		{2, []string{"crawl", "--name", "paper", "--rules", "none.yaml"}},
		{1, []string{"crawl", "--name", "paper", "--collection", "other"}},
	} {
		cmd := program(t, c.args...)
		cmd.Dir = dir
		if r := finished(t, cmd); r.code != c.code {
			t.Fatalf("%v: exit %d\n%s%s", c.args, r.code, r.stdout, r.stderr)
		}
	}
	cmd := program(t, "job", "show", "paper")
	cmd.Dir = dir
	if r := finished(t, cmd); !strings.Contains(r.stdout, "hafenbote@sha256:") || !strings.Contains(r.stdout, "limits.pages           7") {
		t.Errorf("%s%s", r.stdout, r.stderr)
	}
}

func TestARuleThatFailsItsTestSaysWhat(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"hafenbote.yaml", "hafenbote.html"} {
		data, err := os.ReadFile(hafenbote + name)
		if err != nil {
			t.Fatal(err)
		}
		data = bytes.Replace(data, []byte("headline: .tx7"), []byte("headline: .kopf a"), 1)
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	if code := run([]string{"rules", "test", dir}, strings.NewReader(""), &out, &errs); code != 1 {
		t.Errorf("exit %d", code)
	}
	for _, want := range []string{"hafenbote.yaml:25: hafenbote.html\n", "  headline\n    want Schleuse", "    got  Hafenbote\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if !strings.Contains(errs.String(), "1 of 1 test came out otherwise") {
		t.Errorf("%s", errs.String())
	}
}

// A rule that is changed counts for the next page, and a broken one does not.
func TestListenTakesUpRulesThatChange(t *testing.T) {
	file := filepath.Join(t.TempDir(), "paper.yaml")
	write := func(rule string) {
		t.Helper()
		if err := os.WriteFile(file, []byte("name: paper\nmatch: {hosts: [paper.example]}\n"+rule+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("headline: .x1")
	cmd := program(t, "extract", "--listen", "127.0.0.1:0", "--rules", file)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(stderr)
	await := func(text string) string {
		t.Helper()
		for said.Scan() {
			if strings.Contains(said.Text(), text) {
				return said.Text()
			}
		}
		t.Fatalf("it does not say %q", text)
		return ""
	}
	address := strings.Fields(await("answering pages at"))[3]
	headline := func() string {
		t.Helper()
		res, err := http.Post(address+"?url=https://paper.example/1", "text/html", strings.NewReader(`<title>Paper</title><h1>Paper</h1><p class=x1>One of two<p class=x2>Two of two`))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var got struct{ Headline string }
		if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
			t.Fatal(err)
		}
		return got.Headline
	}
	if got := headline(); got != "One of two" {
		t.Errorf("headline %q", got)
	}
	write("headline: .x2")
	await("The site rules have changed: 1 rule is in use now.")
	write("headline: '..'")
	await("those of before stay in use")
	await(file + ":3: headline:")
	if got := headline(); got != "Two of two" {
		t.Errorf("headline %q", got)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestPagesAreAnsweredOverHTTP stops the server, too, and waits for it.
func TestPagesAreAnsweredOverHTTP(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- serveArticles(ctx, l, nil) }()
	res, err := http.Post("http://"+l.Addr().String()+"/?url=https://paper.example/bridge", "text/html", strings.NewReader(explainedPage))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	var got struct{ Headline, URL string }
	if err := json.Unmarshal(body, &got); err != nil || got.Headline != "Bridge to close until spring" || got.URL != "https://paper.example/bridge" {
		t.Errorf("%v: %s", err, body)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
