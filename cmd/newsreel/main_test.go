package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the expected files")

// beProgram makes the test's own binary be newsreel.
const beProgram = "BE_NEWSREEL"

func TestMain(m *testing.M) {
	if os.Getenv(beProgram) != "" {
		main()
	}
	flag.Parse()
	code := m.Run()
	if made.dir != "" {
		os.RemoveAll(made.dir)
	}
	os.Exit(code)
}

// program is a command of newsreel in a process of its own, since holding a
// data folder changes the working directory of one.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), beProgram+"=1")
	cmd.Dir = t.TempDir()
	return cmd
}

type result struct {
	stdout, stderr string
	code           int
}

// newsreel runs a command to its end.
func newsreel(t *testing.T, args ...string) result {
	t.Helper()
	return finished(t, program(t, args...))
}

func finished(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// done runs a command that must end with 0, and returns its stdout.
func done(t *testing.T, args ...string) string {
	t.Helper()
	r := newsreel(t, args...)
	if r.code != 0 {
		t.Fatalf("newsreel %s: exit %d\n%s%s", strings.Join(args, " "), r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

// made is the data folder of a finished demo, made once.
var made struct {
	sync.Once
	dir string
	err error
}

// demoFolder is that folder, which tests do not change.
func demoFolder(t *testing.T) string {
	t.Helper()
	made.Do(func() {
		if made.dir, made.err = os.MkdirTemp("", "newsreel-test-"); made.err != nil {
			return
		}
		self, _ := os.Executable()
		cmd := exec.Command(self, "demo", "--quiet", "--data", filepath.Join(made.dir, "data"))
		cmd.Env = append(os.Environ(), beProgram+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			made.err = fmt.Errorf("demo: %w\n%s", err, out)
		}
	})
	if made.err != nil {
		t.Fatal(made.err)
	}
	return filepath.Join(made.dir, "data")
}

// demoCopy is a copy for a test that changes it. The archive keeps ETags in
// extended attributes, which cp -a takes along.
func demoCopy(t *testing.T) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "data")
	if out, err := exec.Command("cp", "-a", demoFolder(t), to).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return to
}

// goldenShape compares JSON, one value a line, with a file that has the same
// keys and, in place of values, what they are.
func goldenShape(t *testing.T, name, text string) {
	t.Helper()
	var out strings.Builder
	dec := json.NewDecoder(strings.NewReader(text))
	for dec.More() {
		var v any
		if err := dec.Decode(&v); err != nil {
			t.Fatalf("%s: %v in\n%s", name, err, text)
		}
		data, err := json.MarshalIndent(shapeOf(v), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(data, '\n'))
	}
	golden(t, filepath.Join("json", name+".want.json"), out.String())
}

// shapeOf puts the names of types in place of values. Of a list it keeps the
// first item.
func shapeOf(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			v[k] = shapeOf(inner)
		}
		return v
	case []any:
		if len(v) > 1 {
			v = v[:1]
		}
		for i := range v {
			v[i] = shapeOf(v[i])
		}
		return v
	case string:
		return "text"
	case float64:
		return "number"
	}
	return v
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// wants checks that a text holds others.
func wants(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

func TestEveryCommandTeaches(t *testing.T) {
	var walk func(path []string)
	root := rootCommand(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})
	walk = func(path []string) {
		cmd, _, err := root.Find(path)
		if err != nil {
			t.Fatal(err)
		}
		if !cmd.Hidden && !cmd.IsAdditionalHelpTopicCommand() && len(path) > 0 && cmd.Name() != "help" && cmd.Name() != "completion" && cmd.Name() != "version" {
			name := "newsreel " + strings.Join(path, " ")
			if cmd.Short == "" || cmd.Name() != "demo" && !strings.Contains(cmd.Long, "\n  "+name) {
				t.Errorf("%s: no example in its help", name)
			}
			for line := range strings.Lines(cmd.Long) {
				if len([]rune(strings.TrimRight(line, "\n"))) > 110 {
					t.Errorf("%s: long line in its help: %s", name, line)
				}
			}
		}
		for _, sub := range cmd.Commands() {
			walk(append(append([]string(nil), path...), sub.Name()))
		}
	}
	walk(nil)
}

func TestLookUpsDoNotMakeADataFolder(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none")
	for _, args := range [][]string{
		{"job", "list"}, {"job", "show", "x"}, {"job", "watch", "x"}, {"job", "pause", "x"}, {"job", "resume", "x"}, {"job", "cancel", "x"},
		{"why", "https://example.com/"}, {"search", "x"}, {"export", "--format", "csv", "-o", "x"}, {"verify"}, {"sweep"},
	} {
		r := newsreel(t, append(args, "--data", missing)...)
		if r.code != exitFailed || r.stdout != "" {
			t.Errorf("%v: exit %d, stdout %q", args, r.code, r.stdout)
		}
		wants(t, r.stderr, "no data folder", missing, "newsreel demo", "newsreel crawl")
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a look-up made the folder")
	}
}

func TestWrongUsageIsExitTwoAndSaysWhatIsRight(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"job", "frobnicate"}, "newsreel job --help"},
		{[]string{"job", "show"}, "newsreel job show NAME"},
		{[]string{"job", "show", "a", "b"}, "newsreel job show NAME"},
		{[]string{"job", "show", "No_Name"}, "newsreel job list"},
		{[]string{"job", "submit"}, "newsreel job submit"},
		{[]string{"job", "submit", "--max-pages", "many", "https://example.com/"}, "--max-pages"},
		{[]string{"extract"}, "newsreel extract page.html"},
		{[]string{"extract", "a.html", "--batch", "b.jsonl"}, "--batch"},
		{[]string{"extract", "--batch", "none.jsonl"}, "none.jsonl"},
		{[]string{"extract", "-", "--url", "example.com"}, "--url"},
		{[]string{"robots", "robots.txt"}, "newsreel robots"},
		{[]string{"robots", "robots.txt", "/", "--agent", ""}, "--agent"},
		{[]string{"why"}, "newsreel why"},
		{[]string{"robots", "robots.txt", ""}, "empty"},
		{[]string{"why", "example.com"}, "https://"},
		{[]string{"why", "https://example.com/" + strings.Repeat("a", maxAskedURL)}, "too long\n"},
		{[]string{"job", "pause"}, "newsreel: job pause wants the name of one job, as in: newsreel job pause NAME"},
		{[]string{"serve"}, "serve, the web pages and the HTTP API, does not exist yet in this version"},
		{[]string{"search"}, "newsreel search"},
		{[]string{"search", "x", "--limit", "0"}, "--limit"},
		{[]string{"search", "x", "--from", "yesterday"}, "2024-05-03"},
		{[]string{"search", "x", "--from", "2024-05-03", "--to", "2024-05-02"}, "before"},
		{[]string{"export", "--format", "wacz", "-o", "x"}, "wacz is not in this version"},
		{[]string{"export", "--format", "pdf", "-o", "x"}, "jsonl"},
		{[]string{"export", "-o", "x"}, "--format"},
		{[]string{"export", "--format", "csv"}, "-o"},
		{[]string{"export", "news", "--format", "csv", "-o", "x"}, "flags"},
		{[]string{"verify", "x"}, "unknown command"},
		{[]string{"doctor", "--nix"}, "newsreel doctor --help"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			r := newsreel(t, c.args...)
			if r.code != exitUsage || r.stdout != "" {
				t.Errorf("exit %d, stdout %q", r.code, r.stdout)
			}
			wants(t, r.stderr, "newsreel: ", c.says)
		})
	}
}
