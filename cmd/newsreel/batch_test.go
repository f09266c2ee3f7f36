package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"newsreel/article"
	"newsreel/extractor"
)

const page = `<html lang="en"><head><title>Harbour reopens</title><meta property="og:type" content="article">
<meta property="article:published_time" content="2024-05-03T10:00:00Z"></head><body><article><h1>Harbour reopens</h1>
<p>The harbour at Whitcombe Sands reopened on Thursday after a week of fog, and the fishing boats left at dawn.</p>
<p>The harbour master said that the channel had been sounded twice, and that no further delay was to be expected.</p>
</article></body></html>`

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestBatchAnswersEachLineInOrder(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.html"), []byte(page))
	write(t, filepath.Join(dir, "b.html.gz"), zipped(t, page))
	write(t, filepath.Join(dir, "cut.html.gz"), zipped(t, strings.Repeat(page, 50))[:400])
	list := `{"id":"a","url":"https://example.com/a","file":"a.html","fetched":"2024-05-03 18:19:08.72"}

{"id":"b","url":"https://example.com/b","file":"b.html.gz","fetched":"2024-05-03T18:19:08+02:00","other":[1]}
{"id":3,"file":"a.html"}
{"id":"gone","file":"none.html"}
not json
{"id":"nofile"}
{"id":"when","file":"a.html","fetched":"yesterday"}
{"id":"cut","file":"cut.html.gz"}
{"id":"last","file":"` + filepath.Join(dir, "a.html") + `"}`
	for _, form := range []struct {
		name string
		data []byte
	}{{"list.jsonl", []byte(list)}, {"list.jsonl.gz", zipped(t, list)}} {
		t.Run(form.name, func(t *testing.T) {
			out := done(t, "extract", "--batch", write(t, filepath.Join(dir, form.name), form.data))
			want := []struct{ id, fetched, error string }{
				{"a", "2024-05-03T18:19:08.72Z", ""}, {"b", "2024-05-03T16:19:08Z", ""}, {"3", "", ""}, {"gone", "", "no such file"},
				{"", "", "line 6"}, {"nofile", "", "no file"}, {"when", "", "yesterday"}, {"cut", "", ""}, {"last", "", ""},
			}
			lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
			if len(lines) != len(want) {
				t.Fatalf("%d lines, want %d:\n%s", len(lines), len(want), out)
			}
			for i, w := range want {
				var got struct {
					article.Article
					Error string `json:"error"`
				}
				if err := json.Unmarshal([]byte(lines[i]), &got); err != nil {
					t.Fatal(err)
				}
				if got.ID != w.id || got.Fetched != w.fetched || (got.Error == "") != (w.error == "") || !strings.Contains(got.Error, w.error) {
					t.Errorf("line %d: %s, want %+v", i, lines[i], w)
				}
				if w.error == "" && got.Headline != "Harbour reopens" || got.Truncated != (w.id == "cut") {
					t.Errorf("line %d: %s", i, lines[i])
				}
			}
		})
	}
}

func listOf(n int, file string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":"%d","file":%q}`+"\n", i, file)
	}
	return b.String()
}

func TestBatchKeepsTheOrderOfTheList(t *testing.T) {
	dir := t.TempDir()
	// The first page takes longest.
	write(t, filepath.Join(dir, "long.html"), []byte(strings.Replace(page, "</article>", strings.Repeat("<p>More of it was told.</p>", 20_000)+"</article>", 1)))
	write(t, filepath.Join(dir, "a.html"), []byte(page))
	list := write(t, filepath.Join(dir, "list.jsonl"), []byte(strings.Replace(listOf(100, "a.html"), "a.html", "long.html", 1)))
	for i, line := range strings.Split(strings.TrimSpace(done(t, "extract", "--batch", list)), "\n") {
		if want := fmt.Sprintf(`{"id":"%d",`, i); !strings.HasPrefix(line, want) {
			t.Fatalf("line %d: %.80s", i, line)
		}
	}
}

// A page that ends the process that extracts it is an error of its line alone.
func TestBatchGoesOnBehindAPageThatEndsItsProcess(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.html"), []byte(page))
	t.Setenv(poisonEnv, "mandrake")
	write(t, filepath.Join(dir, "poison.html"), []byte(strings.Replace(page, "fog", "mandrake", 1)))
	list := listOf(3, "a.html") + `{"id":"poison","file":"poison.html"}` + "\n" + listOf(3, "a.html")
	out := done(t, "extract", "--batch", write(t, filepath.Join(dir, "list.jsonl"), []byte(list)))
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 7 {
		t.Fatalf("%d lines:\n%s", len(lines), out)
	}
	for i, line := range lines {
		var got struct{ Error, Headline string }
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		if poison := i == 3; (got.Error != "") != poison || !poison && got.Headline == "" {
			t.Errorf("line %d: %.300s", i, line)
		}
	}
	t.Log(lines[3])
}

func TestBatchEndsWhenItsReaderIsGone(t *testing.T) {
	file := write(t, filepath.Join(t.TempDir(), "a.html"), []byte(page))
	b := batch{extract: extractor.NewGuard(sandbox), workers: 2}
	gone := errors.New("closed pipe")
	if err := b.run(t.Context(), strings.NewReader(listOf(1000, file)), failingWriter{gone}); !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
}

type failingWriter struct{ err error }

func (f failingWriter) Write([]byte) (int, error) { return 0, f.err }

func TestALineThatIsTooLongIsAnError(t *testing.T) {
	var out bytes.Buffer
	b := batch{extract: extractor.NewGuard(sandbox), workers: 1}
	list := `{"id":"` + strings.Repeat("x", 2*maxBatchLine) + "\"}\n{\"id\":\"b\"}\n"
	if err := b.run(t.Context(), strings.NewReader(list), &out); err != nil {
		t.Fatal(err)
	}
	wants(t, out.String(), `line 1: longer than`, `{"id":"b","error":"line 2: no file"}`)
	if out.Len() > 500 {
		t.Errorf("%d bytes", out.Len())
	}
}

func TestTimesOfFetching(t *testing.T) {
	for in, want := range map[string]string{
		"2024-05-03 18:19:08.721370": "2024-05-03T18:19:08.72137Z", "2024-05-03 18:19:08": "2024-05-03T18:19:08Z",
		"2024-05-03T18:19:08.5+02:00": "2024-05-03T16:19:08.5Z", " 2024-05-03T18:19:08Z ": "2024-05-03T18:19:08Z",
		"2024-05-03": "", "18:19": "", "": "",
	} {
		got, err := parseFetched(in)
		if (err != nil) != (want == "") || err == nil && got.Format(time.RFC3339Nano) != want {
			t.Errorf("%q: %s, %v", in, got, err)
		}
	}
}

func FuzzBatchLine(f *testing.F) {
	f.Add([]byte(`{"id":"a","url":"https://example.com/","file":"/nonexistent","fetched":"2024-05-03 18:19:08.72"}`))
	f.Add([]byte(`{"id":1.5e3}`))
	f.Add([]byte(`[`))
	b := batch{dir: "/nonexistent", extract: extractor.NewGuard(sandbox), workers: 1}
	f.Fuzz(func(t *testing.T, line []byte) {
		answer := b.answer(t.Context(), &batchJob{number: 1, line: line})
		if !json.Valid(answer) || bytes.Count(answer, []byte("\n")) != 1 {
			t.Errorf("%q", answer)
		}
	})
}
