package main

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// TestTheImageRunsWithNothingElse unpacks the image and runs what it holds with
// that folder as its whole file system, as the user that it names.
func TestTheImageRunsWithNothingElse(t *testing.T) {
	program := filepath.Join(t.TempDir(), "newsreel")
	if err := build(context.Background(), program, "amd64"); err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	image, err := Image(binary, "amd64")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	names := unpack(t, image, root)
	want := []string{"data/", "etc/", "etc/group", "etc/passwd", "newsreel", "tmp/"}
	if slices.Sort(names); !slices.Equal(names, want) {
		t.Fatalf("the image holds %v, want %v", names, want)
	}
	if said := inside(t, root, "version"); !strings.HasPrefix(said, "newsreel ") {
		t.Fatalf("version says %q", said)
	}
	inside(t, root, "demo", "--data", "/data")
	inside(t, root, "verify", "--data", "/data")
}

// TestTheSameSourceGivesTheSameImage builds twice, from another folder and with
// another cache of temporary files.
func TestTheSameSourceGivesTheSameImage(t *testing.T) {
	var digests []string
	for range 2 {
		out := filepath.Join(t.TempDir(), "newsreel")
		if err := build(context.Background(), out, "amd64"); err != nil {
			t.Fatal(err)
		}
		program, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		image, err := Image(program, "amd64")
		if err != nil {
			t.Fatal(err)
		}
		digest, err := image.Digest()
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, digest.String())
	}
	if digests[0] != digests[1] {
		t.Fatalf("two builds, two images: %v", digests)
	}
}

func TestTheImageIsNotRootAndHasNoShell(t *testing.T) {
	image, err := Image([]byte("program"), "arm64")
	if err != nil {
		t.Fatal(err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if file.Config.User != user || file.Architecture != "arm64" || file.OS != "linux" {
		t.Fatalf("config %+v of %s/%s", file.Config, file.OS, file.Architecture)
	}
	if !slices.Equal(file.Config.Entrypoint, []string{"/newsreel"}) {
		t.Fatalf("entry point %v", file.Config.Entrypoint)
	}
}

// unpack writes the image's files below a folder, with their owners, and lists
// them.
func unpack(t *testing.T, image v1.Image, root string) (names []string) {
	t.Helper()
	files := mutate.Extract(image)
	defer files.Close()
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(files); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		name := h.Name
		path := filepath.Join(root, name)
		if h.Typeflag == tar.TypeDir {
			name = strings.TrimSuffix(name, "/") + "/"
			err = os.MkdirAll(path, 0o755)
		} else {
			var body bytes.Buffer
			if _, err = io.Copy(&body, r); err == nil {
				err = os.WriteFile(path, body.Bytes(), 0o644)
			}
		}
		if err == nil {
			err = os.Chmod(path, h.FileInfo().Mode())
		}
		if err == nil && os.Geteuid() == 0 {
			err = os.Chown(path, h.Uid, h.Gid)
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
}

// inside runs the program with root as its file system and the kernel's /proc
// on it, as a container engine would, as the image's user; without the right to
// do so, as the root of a name space of its own.
func inside(t *testing.T, root string, args ...string) string {
	t.Helper()
	proc := filepath.Join(root, "proc")
	if err := os.MkdirAll(proc, 0o555); err != nil {
		t.Fatal(err)
	}
	enter := []string{"--mount", "--pid", "--fork", "--kill-child", "--mount-proc=/proc", "--root=" + root, "--wd=/data"}
	if os.Geteuid() == 0 {
		id := strconv.Itoa(userID)
		enter = append(enter, "--setgid="+id, "--setuid="+id)
	} else {
		enter = append(enter, "--user", "--map-root-user")
	}
	cmd := exec.Command("unshare", append(append(enter, "/newsreel"), args...)...)
	cmd.Env = []string{"NEWSREEL_DATA=/data", "PATH=" + os.Getenv("PATH")}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("newsreel %s: %v\n%s", strings.Join(args, " "), err, said.String())
	}
	return out.String()
}
