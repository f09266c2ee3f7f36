package cdxj

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"newsreel/internal/peers"
)

var update = flag.Bool("update", false, "rewrite the golden files from what warcio says")

// surtURLs returns the URLs of testdata/surt-urls.jsonl, a JSON string a line.
func surtURLs(t testing.TB) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/surt-urls.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var urls []string
	for scan := bufio.NewScanner(bytes.NewReader(data)); scan.Scan(); {
		var u string
		if err := json.Unmarshal(scan.Bytes(), &u); err != nil {
			t.Fatalf("%s: %v", scan.Bytes(), err)
		}
		urls = append(urls, u)
	}
	return urls
}

func TestSURTIsThatOfWarcio(t *testing.T) {
	urls := surtURLs(t)
	for i, want := range peers.SURT(t, urls) {
		if got := SURT(urls[i]); got != want {
			t.Errorf("SURT(%q)\n  is %q\nwant %q", urls[i], got, want)
		}
	}
}
