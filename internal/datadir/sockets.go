package datadir

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"newsreel/internal/embedded"
)

// shortPrefix begins the name of a folder for sockets outside the data folder.
const shortPrefix = "newsreel-sock-"

// sockets are the paths of the two sockets. Folder is set where they are
// outside the data folder.
type sockets struct {
	NATS, S3, Folder string
}

// makeSockets chooses paths that a socket can have: in the data folder if
// they are short enough, else in a folder of their own in the system's place
// for temporary files, which only the owner can enter.
func makeSockets(dir string) (sockets, error) {
	s := socketsIn(filepath.Join(dir, "run"))
	if s.fit() {
		return s, nil
	}
	var tried []string
	for _, parent := range []string{os.Getenv("XDG_RUNTIME_DIR"), os.TempDir(), "/tmp"} {
		if !filepath.IsAbs(parent) {
			continue
		}
		tried = append(tried, parent)
		folder, err := os.MkdirTemp(parent, shortPrefix) // mode 0700
		if err != nil {
			continue
		}
		if s = socketsIn(folder); s.fit() {
			s.Folder = folder
			return s, nil
		}
		os.Remove(folder)
	}
	return sockets{}, fmt.Errorf("the path is too long for sockets (at most %d bytes with run/nats.sock), and there is no place for them in %s",
		embedded.MaxSocketPath, strings.Join(tried, ", "))
}

func socketsIn(folder string) sockets {
	return sockets{NATS: filepath.Join(folder, "nats.sock"), S3: filepath.Join(folder, "s3.sock")}
}

func (s sockets) fit() bool {
	return max(len(s.NATS), len(s.S3)) <= embedded.MaxSocketPath
}

// remove removes the sockets, as far as they are there.
func (s sockets) remove() {
	for _, path := range []string{s.NATS, s.S3, s.Folder} {
		if path != "" {
			_ = removeIfThere(path) // a leftover is replaced at the next start
		}
	}
}

// removeOldSockets removes the sockets of a holder that was killed. Those
// outside the data folder nobody else would find.
func removeOldSockets(dir string) error {
	data, err := os.ReadFile(filepath.Join(dir, "run", "endpoints.json"))
	if err != nil {
		return nil // a clean end
	}
	var e endpoints
	if json.Unmarshal(data, &e) != nil {
		return nil
	}
	folder := filepath.Dir(e.NATS)
	if strings.HasPrefix(filepath.Base(folder), shortPrefix) && filepath.Dir(e.S3) == folder {
		s := socketsIn(folder)
		s.Folder = folder
		s.remove()
	}
	return nil
}
