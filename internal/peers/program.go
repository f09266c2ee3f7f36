package peers

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// servers lists the programs that ./install builds: name, version, package.
//
//go:embed servers.txt
var servers string

// cacheEnv names the folder that ./install builds programs into.
const cacheEnv = "NEWSREEL_PEERS"

// Find returns the path of a server that others wrote, as servers.txt names
// it: nats-server, versitygw, minio. `make test-deps` builds them into
// $NEWSREEL_PEERS, by default the folder newsreel-peers of the user's cache.
func Find(name string) (string, error) {
	dir := os.Getenv(cacheEnv)
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find %s: %w", name, err)
		}
		dir = filepath.Join(cache, "newsreel-peers")
	}
	for line := range strings.Lines(servers) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != name {
			continue
		}
		path := filepath.Join(dir, name+"-"+fields[1])
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%s is not installed: run `make test-deps` (%w)", name, err)
		}
		return path, nil
	}
	return "", fmt.Errorf("find %s: servers.txt does not name it", name)
}

// Program is Find for a test, which fails if the program is not there.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
