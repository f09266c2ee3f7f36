package objstore

import (
	"path"
	"strings"
	"testing"
)

func TestCheckKey(t *testing.T) {
	good := []string{
		"a", "news/2026/000001.warc.gz", ".hidden", "a..b", "a/...", "grüße.json", strings.Repeat("x", 200),
		strings.Repeat("x/", 511) + "xx", "a b+c%d?e#f",
	}
	bad := map[string]string{
		"empty": "", "absolute": "/a", "folder": "a/", "empty part": "a//b", "parent": "a/../b", "here": "./a",
		"only parent": "..", "NUL": "a\x00b", "newline": "a\nb", "not UTF-8": "a\xff", "long part": strings.Repeat("x", 201),
		"long key": strings.Repeat("x/", 512) + "x", "staging": ".sgwtmp/a", "half renamed": "a/.b.sgwtmp.1",
	}
	for _, key := range good {
		if err := checkKey(key); err != nil {
			t.Errorf("%q: %v", key, err)
		}
	}
	for name, key := range bad {
		err := checkKey(key)
		if err == nil {
			t.Errorf("%s: %q is allowed", name, key)
		} else if !Permanent(err) {
			t.Errorf("%s: worth a retry: %v", name, err)
		}
	}
}

func FuzzCheckKey(f *testing.F) {
	for _, key := range []string{"a/b", "../a", "a/./b", "/", "a//b", ".sgwtmp", "ü"} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if checkKey(key) != nil {
			return
		}
		if got := path.Join("/root", key); got != "/root/"+key {
			t.Errorf("%q would be stored as %q", key, got)
		}
	})
}
