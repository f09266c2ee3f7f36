package rules

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAFolderIsFollowed(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "paper.yaml")
	write := func(text string) {
		t.Helper()
		// As editors do, so that no half of it is read.
		if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	write("name: old\nmatch: {hosts: [paper.example]}\nbody: .x1\n")
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	told, ended := make(chan error, 100), make(chan struct{})
	go func() {
		defer close(ended)
		f.Follow(ctx, time.Millisecond, func(err error) { told <- err })
	}()
	next := func() error {
		t.Helper()
		select {
		case err := <-told:
			return err
		case <-time.After(30 * time.Second):
			t.Fatal("nothing is told")
			return nil
		}
	}
	name := func() string { return f.For("https://paper.example/").Name }
	write("name: new\nmatch: {hosts: [paper.example]}\nbody: .x2\n")
	if err := next(); err != nil || name() != "new" {
		t.Errorf("%v, the rule is %s", err, name())
	}
	write("name: broken\nbody: .x2\n")
	if err := next(); err == nil || !strings.Contains(err.Error(), "paper.yaml:1: match: is missing") || name() != "new" {
		t.Errorf("%v, the rule is %s", err, name())
	}
	write("name: mended\nmatch: {hosts: [paper.example]}\nbody: .x2\n")
	if err := next(); err != nil || name() != "mended" {
		t.Errorf("%v, the rule is %s", err, name())
	}
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	if err := next(); err == nil || name() != "mended" {
		t.Errorf("%v, the rule is %s", err, name())
	}
	if err := os.Rename(dir+".away", dir); err != nil {
		t.Fatal(err)
	}
	write("name: back\nmatch: {hosts: [paper.example]}\nbody: .x2\n")
	if err := next(); err != nil || name() != "back" {
		t.Errorf("%v, the rule is %s", err, name())
	}
	cancel()
	<-ended
	if len(told) > 0 {
		t.Errorf("told too much: %v", <-told)
	}
}

func TestAFolderMayBeALink(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "real", "north"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "real", "north", "paper.yaml"), []byte("name: paper\nmatch: {hosts: [paper.example]}\nbody: .x1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "rules")
	if err := os.Symlink("real", link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{link, link + "/"} {
		set, err := Load(name)
		if err != nil || len(set.Rules()) != 1 {
			t.Fatalf("%s: %v, %v", name, set, err)
		}
		if got, want := set.Rules()[0].File, filepath.Join(link, "north", "paper.yaml"); got != want {
			t.Errorf("%s: the rule's file is %s, want %s", name, got, want)
		}
	}
}
