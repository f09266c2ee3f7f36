package spool_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"newsreel/internal/spool"
)

// held is the variable that makes this program a process that holds a folder.
const held = "NEWSREEL_TEST_SPOOL"

func TestMain(m *testing.M) {
	if parent := os.Getenv(held); parent != "" {
		f, _, err := spool.Make(parent, "newsreel-crawler-")
		if err != nil {
			panic(err)
		}
		if err := os.WriteFile(filepath.Join(f.Path(), "body"), []byte("much"), 0o600); err != nil {
			panic(err)
		}
		os.Stdout.WriteString(f.Path() + "\n")
		os.Stdin.Read(make([]byte, 1)) // until it is killed
		return
	}
	os.Exit(m.Run())
}

// The folder of a process that was killed is removed by the next that starts;
// that of one that lives, and what is no folder of ours, stay.
func TestFoldersOfKilledProcessesAreRemoved(t *testing.T) {
	parent := t.TempDir()
	stranger := filepath.Join(parent, "newsreel-crawler-stranger")
	if err := os.Mkdir(stranger, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), held+"="+parent)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 4096)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	dead := string(line[:n-1])
	first, removed, err := spool.Make(parent, "newsreel-archiver-", "newsreel-archiver-", "newsreel-crawler-")
	if err != nil || removed != 0 {
		t.Fatalf("beside a process that lives: %d removed, %v", removed, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	second, removed, err := spool.Make(parent, "newsreel-archiver-", "newsreel-archiver-", "newsreel-crawler-")
	if err != nil || removed != 1 {
		t.Fatalf("after it was killed: %d removed, %v", removed, err)
	}
	if _, err := os.Stat(dead); !os.IsNotExist(err) {
		t.Errorf("the folder of the process that was killed: %v", err)
	}
	for _, f := range []*spool.Folder{first, second} {
		if _, err := os.Stat(f.Path()); err != nil {
			t.Error(err)
		}
		if err := f.Remove(); err != nil {
			t.Error(err)
		}
	}
	left, err := os.ReadDir(parent)
	if err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
}
