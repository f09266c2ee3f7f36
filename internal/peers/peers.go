// Package peers runs archive tools and servers that others wrote, so that tests
// can hold what this project writes against them, and run it on them. `make
// test-deps` installs them: npm packages into this folder, servers into a cache
// folder outside the module. A test that needs one and does not find it fails.
package peers

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// timeout bounds one run of a tool.
const timeout = 2 * time.Minute

// dir returns this folder.
func dir(t testing.TB) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("peers: the folder of the package is unknown")
	}
	return filepath.Dir(file)
}

// WARCIO runs npm warcio and returns its standard output. The first argument
// is a command: `index` and `cdx-index` are those of its own command line;
// `check FILE…` parses each record, recomputes its digests and answers a line
// of JSON a record (see Check); `surt` is not for this function (see SURT).
// The test fails at once if warcio is not installed, ends with another code
// than 0, or warns.
func WARCIO(t testing.TB, args ...string) []byte {
	t.Helper()
	return run(t, nil, args...)
}

func run(t testing.TB, stdin []byte, args ...string) []byte {
	t.Helper()
	folder := dir(t)
	cli := filepath.Join(folder, "node_modules", "warcio", "dist", "cli.js")
	if _, err := os.Stat(cli); err != nil {
		t.Fatalf("npm warcio is not installed: run `make test-deps` (%v)", err)
	}
	if len(args) > 0 && (args[0] == "check" || args[0] == "surt") {
		cli = filepath.Join(folder, "warcio.mjs")
	}
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", append([]string{cli}, args...)...)
	cmd.Stdin = bytes.NewReader(stdin)
	var out, warnings bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &warnings
	if err := cmd.Run(); err != nil {
		t.Fatalf("warcio %s: %v (if node is missing: run `make test-deps`)\n%s", strings.Join(args, " "), err, warnings.Bytes())
	}
	if warnings.Len() > 0 {
		t.Fatalf("warcio %s warns:\n%s", strings.Join(args, " "), warnings.Bytes())
	}
	return out.Bytes()
}

// Record is what warcio reads of one record.
type Record struct {
	Filename      string      `json:"filename"`
	Offset        int64       `json:"offset"`
	Length        int64       `json:"length"` // of the gzip member
	Version       string      `json:"version"`
	Type          string      `json:"type"`
	ID            string      `json:"id"`
	URI           string      `json:"uri"`
	Date          string      `json:"date"`
	Headers       [][2]string `json:"headers"` // names in lower case
	BlockLength   int64       `json:"block_length"`
	ContentLength int64       `json:"content_length"`
	PayloadLength int64       `json:"payload_length"` // -1 where warcio cannot tell the payload
	Status        string      `json:"status"`
	HTTPHeaders   [][2]string `json:"http_headers"`
	BlockSHA1     string      `json:"block_sha1"` // recomputed, as "sha1:BASE32"
	PayloadSHA1   string      `json:"payload_sha1"`
	// BlockOK and PayloadOK say whether the record's own digest is the
	// recomputed one; nil where it has none of its own block, or warcio cannot
	// tell the payload (a head without CR, broken chunk framing).
	BlockOK   *bool `json:"block_ok"`
	PayloadOK *bool `json:"payload_ok"`
}

// Check reads the WARC files with warcio, recomputes every digest, and returns
// their records in order. The test goes on, marked as failed, for each digest
// that does not match and each block that is not as long as its Content-Length.
func Check(t testing.TB, files ...string) []Record {
	t.Helper()
	var records []Record
	dec := json.NewDecoder(bytes.NewReader(WARCIO(t, append([]string{"check"}, files...)...)))
	for dec.More() {
		var rec Record
		if err := dec.Decode(&rec); err != nil {
			t.Fatalf("warcio check: %v", err)
		}
		if rec.BlockOK != nil && !*rec.BlockOK {
			t.Errorf("%s: %s %s %s: warcio computes another block digest, %s", rec.Filename, rec.Type, rec.ID, rec.URI, rec.BlockSHA1)
		}
		if rec.PayloadOK != nil && !*rec.PayloadOK {
			t.Errorf("%s: %s %s %s: warcio computes another payload digest, %s", rec.Filename, rec.Type, rec.ID, rec.URI, rec.PayloadSHA1)
		}
		if rec.BlockLength != rec.ContentLength {
			t.Errorf("%s: %s %s %s: block has %d bytes, Content-Length says %d", rec.Filename, rec.Type, rec.ID, rec.URI, rec.BlockLength, rec.ContentLength)
		}
		records = append(records, rec)
	}
	return records
}

// SURT returns what warcio makes of each URL, for comparison with ours.
func SURT(t testing.TB, urls []string) []string {
	t.Helper()
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, u := range urls {
		if err := enc.Encode(u); err != nil {
			t.Fatal(err)
		}
	}
	var out []string
	dec := json.NewDecoder(bytes.NewReader(run(t, in.Bytes(), "surt")))
	for dec.More() {
		var surt string
		if err := dec.Decode(&surt); err != nil {
			t.Fatalf("warcio surt: %v", err)
		}
		out = append(out, surt)
	}
	if len(out) != len(urls) {
		t.Fatalf("warcio surt: %d answers to %d URLs", len(out), len(urls))
	}
	return out
}
