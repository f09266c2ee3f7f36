package e2e

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"newsreel/archive"
	"newsreel/crawler/fetch/torture"
	"newsreel/internal/peers"
	"newsreel/stream"
	"newsreel/warc"
)

// logLine is a line of a crawl log.
type logLine struct {
	Type string `json:"type"`
	stream.Outcome
	Message string `json:"message"`
}

// crawlLog reads the crawl logs that the manifests name, by URL.
func (c *crawled) crawlLog(t *testing.T) map[string][]logLine {
	t.Helper()
	lines := map[string][]logLine{}
	for _, m := range c.manifest {
		o := m.Object(archive.ObjectLog)
		if o == nil {
			continue
		}
		zip, err := gzip.NewReader(bytes.NewReader(read(t, filepath.Join(filepath.Dir(c.folder), o.Key))))
		if err != nil {
			t.Fatal(err)
		}
		scan := bufio.NewScanner(zip)
		scan.Buffer(nil, 16<<20)
		for scan.Scan() {
			var l logLine
			if err := json.Unmarshal(scan.Bytes(), &l); err != nil {
				t.Fatalf("%s: %v: %s", o.Key, err, scan.Bytes())
			}
			lines[l.URL] = append(lines[l.URL], l)
		}
		if err := scan.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return lines
}

// record is a response record with its block.
type record struct {
	*warc.Record
	block []byte
}

// responses reads the response records of the WARCs, by URL.
func (c *crawled) responses(t *testing.T) map[string]record {
	t.Helper()
	all := map[string]record{}
	for _, m := range c.manifest {
		o := m.Object(archive.ObjectWARC)
		if o == nil {
			continue
		}
		data := read(t, filepath.Join(filepath.Dir(c.folder), o.Key))
		for off := 0; off < len(data); {
			r, block, length := member(t, data[off:])
			off += length
			if r.Type() != warc.TypeResponse {
				continue
			}
			if err := warc.VerifyBlockDigest(r, block); err != nil {
				t.Errorf("%s: %v", r.TargetURI(), err)
			}
			if err := warc.VerifyPayloadDigest(r, block); err != nil {
				t.Errorf("%s: %v", r.TargetURI(), err)
			}
			if _, twice := all[r.TargetURI()]; twice {
				t.Errorf("%s is stored twice", r.TargetURI())
			}
			all[r.TargetURI()] = record{r, block}
		}
	}
	return all
}

// tortureArguments keep the limits short enough to be reached, and each answer
// whole, where the first would be enough.
var tortureArguments = []string{"--allow-private", "--delay", "0s", "--per-host", "16", "--per-domain", "16",
	"--tries", "2", "--no-dedup", "--assets", "none", "--limit-body", "3MiB", "--limit-head", "1028KiB",
	"--limit-first-byte", "1500ms", "--limit-exchange", "3s", "--limit-ratio", "20", "--limit-decompressed", "64MiB"}

func TestEveryHostileAnswerIsArchivedAsItWasSent(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	dir := filepath.Join(t.TempDir(), "data")
	p := run(t, 0, append([]string{"crawl", "--json", "--quiet", "--name", "torture", "--data", dir, server.URL("/all")},
		tortureArguments...)...)
	c := open(t, dir, "torture")
	c.summary = p.summary(t)
	c.checkCloses(t)
	log, fates, responses := c.crawlLog(t), c.fates(t), c.responses(t)
	for _, k := range server.Cases() {
		url := server.URL(k.Path)
		lines := log[url]
		if len(lines) == 0 {
			t.Errorf("%s: nothing in the crawl log", k.Name)
			continue
		}
		// Each line is an attempt; one that was sent again says so.
		asked := len(lines)
		for _, l := range lines {
			if slices.Contains(l.Notes, "sent again on a new connection") {
				asked++
			}
		}
		if n := server.Requests(k.Path); n != asked {
			t.Errorf("%s: %d requests at the server, the crawl log tells of %d", k.Name, n, asked)
		}
		checkHostile(t, &k, fates[url], lines[len(lines)-1], responses[url])
	}
	for _, d := range dead(t, dir) {
		t.Errorf("%s could not be read as a page: %s", d.URL, d.Reason)
	}
	if n := len(server.Cases()); n < 59 {
		t.Errorf("%d cases", n)
	}
	seen, left := 0, 0
	for _, m := range c.manifest {
		path, n := without(t, filepath.Join(filepath.Dir(c.folder), m.Object(archive.ObjectWARC).Key), beyondWarcio...)
		left += n
		for _, r := range peers.Check(t, path) {
			if r.Type == warc.TypeResponse {
				seen++
			}
		}
	}
	if seen+left != len(responses) || int64(len(responses)) != c.summary.Captures || left > len(beyondWarcio) {
		t.Errorf("warcio sees %d responses besides %d that it cannot read, our reader %d, the summary %d",
			seen, left, len(responses), c.summary.Captures)
	}
	verify(t, dir, "torture")
	t.Logf("%d answers; peak memory %d MB", len(server.Cases()), p.peakMemory()>>20)
}

// beyondWarcio are answers whose payload warcio finds elsewhere than browsers
// do: behind a blank line before the head, in an answer without a head or
// without fields, in a chunk line without end. It needs quadratic time for a
// million chunks of a byte each.
var beyondWarcio = []string{"/case/http-0-9", "/case/http-0-9-of-two-bytes", "/case/leading-lf", "/case/leading-crlf",
	"/case/no-fields-at-all", "/case/endless-chunk-extension", "/case/endless-chunks-of-one-byte"}

// without copies a WARC but for the responses of some paths, and says how many
// it left out.
func without(t *testing.T, path string, paths ...string) (copied string, left int) {
	t.Helper()
	data := read(t, path)
	var out []byte
	for off := 0; off < len(data); {
		r, _, length := member(t, data[off:])
		skip := slices.ContainsFunc(paths, func(p string) bool { return strings.HasSuffix(r.TargetURI(), p) })
		if r.Type() == warc.TypeResponse && skip {
			left++
		} else {
			out = append(out, data[off:off+length]...)
		}
		off += length
	}
	copied = filepath.Join(t.TempDir(), filepath.Base(path))
	if err := os.WriteFile(copied, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return copied, left
}

// checkHostile compares one case with what the archive says of it.
func checkHostile(t *testing.T, k *torture.Case, f fate, last logLine, r record) {
	t.Helper()
	if k.Error != "" {
		if f.Fate != "failed" || f.Reason != k.Error || last.Detail == "" {
			t.Errorf("%s: fate %+v, want failed %s; detail %q", k.Name, f, k.Error, last.Detail)
		}
		if r.Record != nil {
			t.Errorf("%s: a record of a response that there was not", k.Name)
		}
		return
	}
	if f.Fate != "captured" || int(f.Status) != k.Status || r.Record == nil {
		t.Errorf("%s: fate %+v, want captured with status %d; record %v", k.Name, f, k.Status, r.Record != nil)
		return
	}
	if err := k.Check(r.block); err != nil {
		t.Errorf("%s: %v", k.Name, err)
	}
	if got := r.Header.Get("WARC-Truncated"); got != k.Truncated {
		t.Errorf("%s: WARC-Truncated %q, want %q", k.Name, got, k.Truncated)
	}
	notes := strings.Join(last.Notes, "; ")
	if k.Limit != "" && !strings.Contains(notes, "limit "+k.Limit) {
		t.Errorf("%s: the crawl log does not name the limit %s: %q", k.Name, k.Limit, notes)
	}
	if k.Note != "" && !slices.Contains(last.Notes, k.Note) {
		t.Errorf("%s: the crawl log does not tell %q: %q", k.Name, k.Note, notes)
	}
	if interim := strings.Join(last.Interim, ""); k.Interim > 0 && !strings.HasPrefix(string(k.Sent), interim[:min(len(interim), 4096)]) {
		t.Errorf("%s: interim heads %.80q", k.Name, interim)
	}
	if k.Interim > 0 && len(last.Interim) == 0 {
		t.Errorf("%s: the crawl log has no interim head", k.Name)
	}
}
