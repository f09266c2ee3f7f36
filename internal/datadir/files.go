package datadir

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
)

// Format is the number of the folder format that this program writes. It
// changes when an older program would misread a folder.
const Format = 1

// version is VERSION.json.
type version struct {
	Format    int    `json:"format"`
	WrittenBy string `json:"written_by"`
}

// FormatError says that a newer program made the folder.
type FormatError struct {
	Dir       string
	Format    int
	WrittenBy string
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("data folder %s has format %d, written by %s; this program knows formats up to %d: use that version or a newer one",
		e.Dir, e.Format, e.WrittenBy, Format)
}

// keys are those of the S3 server.
type keys struct {
	AccessKey string `json:"access_key"`
	SecretKey string `json:"secret_key"`
}

// endpoints is endpoints.json: what a process needs to join the holder.
type endpoints struct {
	Instance string `json:"instance"` // as in holder.json
	NATS     string `json:"nats_socket"`
	S3       string `json:"s3_socket"`
	keys
}

// checkFormat returns a *FormatError for a folder of a newer format. A folder
// without a format is new.
func checkFormat(dir string) error {
	_, err := readFormat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func readFormat(dir string) (version, error) {
	path := filepath.Join(dir, "VERSION.json")
	data, err := os.ReadFile(path)
	if err != nil {
		return version{}, err
	}
	var v version
	if err := json.Unmarshal(data, &v); err != nil {
		return version{}, fmt.Errorf("%s: %w", path, err)
	}
	switch {
	case v.Format < 1:
		return version{}, fmt.Errorf("%s: format %d", path, v.Format)
	case v.Format > Format:
		return version{}, &FormatError{Dir: dir, Format: v.Format, WrittenBy: v.WrittenBy}
	}
	return v, nil
}

// ensureFormat returns the folder's format, and gives one to a new folder.
func ensureFormat(dir string) (int, error) {
	v, err := readFormat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		v = version{Format: Format, WrittenBy: programVersion()}
		err = writeJSON(filepath.Join(dir, "VERSION.json"), 0o644, v)
	}
	return v.Format, err
}

func programVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return "newsreel " + info.Main.Version
	}
	return "newsreel (devel)"
}

// ensureKeys returns the keys of the folder, and makes them once.
func ensureKeys(dir string) (keys, error) {
	path := filepath.Join(dir, "run", "keys.json")
	var k keys
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		k = keys{AccessKey: "NR" + rand.Text()[:18], SecretKey: rand.Text() + rand.Text()}
		return k, writeJSON(path, 0o600, k)
	}
	if err != nil {
		return keys{}, err
	}
	if err := json.Unmarshal(data, &k); err != nil || k.AccessKey == "" || k.SecretKey == "" {
		return keys{}, fmt.Errorf("%s is damaged: remove it, and new keys are made", path)
	}
	return k, nil
}

// writeJSON writes a file whole or not at all, and brings it to disk.
func writeJSON(path string, perm fs.FileMode, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // not there after the rename
	_, err = tmp.Write(append(data, '\n'))
	err = errors.Join(err, tmp.Chmod(perm), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func emptyFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
