package embedded_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// cutsEnv sets how many cuts a test makes; defaultCuts is what fits an
	// ordinary run.
	cutsEnv     = "NEWSREEL_TEST_CUTS"
	defaultCuts = 4
	// childEnv makes the test binary a writer or reader in a folder, instead
	// of running tests: MODE:FOLDER.
	childEnv = "NEWSREEL_TEST_CHILD"
	// imageBytes is the size of a rig's disk. It is sparse.
	imageBytes = 768 << 20
	childWait  = 60 * time.Second
)

func TestMain(m *testing.M) {
	if mode, dir, ok := strings.Cut(os.Getenv(childEnv), ":"); ok {
		if err := runChild(mode, dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func runChild(mode, dir string) error {
	switch mode {
	case "s3-write":
		return writeObjects(dir)
	case "s3-check":
		return checkServed(dir)
	case "nats-write":
		return writeMessages(dir)
	case "quiet":
		return startAndStop(dir)
	}
	return fmt.Errorf("unknown mode %q", mode)
}

// disk is a folder whose power can be cut.
type disk interface {
	// path is where the writer writes.
	path() string
	// cut takes the power away, and returns the folder as it is found when
	// the power is back.
	cut(t *testing.T) string
}

// newDisk returns a disk of its own, or, where that is not allowed, a plain
// folder, which only a killed process can be tested with.
func newDisk(t *testing.T) disk {
	d, err := newLoopDisk(t)
	if err != nil {
		t.Logf("POWER-CUT RIG NOT AVAILABLE: %v; killing the writer only, which proves nothing about fsync", err)
		return plainDir(t.TempDir())
	}
	return d
}

type plainDir string

func (d plainDir) path() string          { return string(d) }
func (d plainDir) cut(*testing.T) string { return string(d) }

// loopDisk is an ext4 file system on a file. Its power is cut by stopping the
// file system without a flush, so that only what was written to its device is
// in the file.
type loopDisk struct{ image, mount string }

func newLoopDisk(t *testing.T) (*loopDisk, error) {
	dir := t.TempDir()
	d := &loopDisk{image: filepath.Join(dir, "disk"), mount: filepath.Join(dir, "mnt")}
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		return nil, err
	}
	if err := os.Truncate(d.image, imageBytes); err != nil {
		return nil, err
	}
	if err := command("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1,lazy_journal_init=1", d.image); err != nil {
		return nil, err
	}
	return d, mountLoop(t, d.image, d.mount)
}

func mountLoop(t *testing.T, image, at string) error {
	if err := os.Mkdir(at, 0o755); err != nil {
		return err
	}
	if err := command("mount", "-o", "loop", image, at); err != nil {
		return err
	}
	t.Cleanup(func() {
		if err := command("umount", at); err != nil {
			t.Errorf("%v; detaching it", err)
			_ = unix.Unmount(at, unix.MNT_DETACH)
		}
	})
	return nil
}

func (d *loopDisk) path() string { return d.mount }

func (d *loopDisk) cut(t *testing.T) string {
	t.Helper()
	if err := stopFileSystem(d.mount); err != nil {
		t.Fatal(err)
	}
	after := d.image + ".after"
	if err := command("cp", "--sparse=always", d.image, after); err != nil {
		t.Fatal(err)
	}
	at := d.mount + ".after"
	if err := mountLoop(t, after, at); err != nil {
		t.Fatal(err)
	}
	return at
}

// stopFileSystem stops an ext4 file system at once, without writing its journal
// (EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH).
func stopFileSystem(mount string) error {
	const (
		ioctlShutdown = 0x8004587d
		noLogFlush    = 2
	)
	f, err := os.Open(mount)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.IoctlSetPointerInt(int(f.Fd()), ioctlShutdown, noLogFlush); err != nil {
		return fmt.Errorf("stop file system %s: %w", mount, err)
	}
	return nil
}

func command(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// cuts runs a test as often as the environment asks for.
func cuts(t *testing.T, test func(t *testing.T, i int)) {
	n := defaultCuts
	if s := os.Getenv(cutsEnv); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatalf("%s=%q: %v", cutsEnv, s, err)
		}
	}
	for i := range n {
		t.Run(fmt.Sprintf("cut %d", i+1), func(t *testing.T) { test(t, i) })
	}
}

// runUntil runs a child that writes a line for each thing acknowledged, kills
// it after some lines, and returns all that it wrote.
func runUntil(t *testing.T, mode, dir string, lines int) []string {
	t.Helper()
	cmd := child(mode, dir)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(childWait, func() { cmd.Process.Kill() })
	defer watchdog.Stop()
	var acked []string
	in := bufio.NewReader(out)
	for {
		line, err := in.ReadString('\n')
		if err == nil {
			acked = append(acked, strings.TrimSuffix(line, "\n"))
		}
		if len(acked) == lines {
			cmd.Process.Kill()
		}
		if errors.Is(err, io.EOF) {
			break // a line cut short was never acknowledged
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); err == nil || len(acked) < lines {
		t.Fatalf("%s ended by itself after %d lines: %v: %s", mode, len(acked), err, stderr.String())
	}
	return acked
}

func child(mode, dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Dir = "/" // ours may be a removed test's
	cmd.Env = append(os.Environ(), childEnv+"="+mode+":"+dir)
	return cmd
}

// The rig must lose what was not synced, or its other tests say nothing.
func TestRigLosesWhatIsNotSynced(t *testing.T) {
	d := newDisk(t)
	if _, plain := d.(plainDir); plain {
		return // newDisk has said so
	}
	loose := filepath.Join(d.path(), "loose")
	if err := os.WriteFile(loose, []byte("loose"), 0o644); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(d.path(), "kept")
	if err := os.WriteFile(kept, []byte("kept"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{kept, d.path()} {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	// This one comes after the last sync.
	if err := os.WriteFile(loose+"2", []byte("loose"), 0o644); err != nil {
		t.Fatal(err)
	}
	after := d.cut(t)
	if got, err := os.ReadFile(filepath.Join(after, "kept")); err != nil || string(got) != "kept" {
		t.Errorf("the synced file: %q, %v", got, err)
	}
	if got, err := os.ReadFile(filepath.Join(after, "loose2")); err == nil {
		t.Errorf("the file that was not synced is there: %q", got)
	}
	if got, _ := os.ReadFile(filepath.Join(after, "loose")); string(got) == "loose" {
		t.Errorf("the data that were not synced are there: %q", got)
	}
}
