package diepoint

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

const childEnv = "NEWSREEL_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		for range 3 {
			Here("manifest.before")
			os.Stdout.WriteString("passed\n")
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child runs three passes of a point with the environment given.
func child(t *testing.T, env string) (said, out string, state *os.ProcessState) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=1", env)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Run()
	return stderr.String(), stdout.String(), cmd.ProcessState
}

func TestAnArmedProcessDiesAtItsPoint(t *testing.T) {
	for env, passed := range map[string]int{
		DieAt + "=manifest.before": 0, DieAt + "=manifest.before:3": 2,
		DieAt + "=manifest.before:4": 3, DieAt + "=manifest.stored": 3, DieAt + "=": 3,
	} {
		said, out, state := child(t, env)
		killed := state.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
		if got := strings.Count(out, "passed"); got != passed || killed != (passed < 3) {
			t.Errorf("%s: passed %d times, killed %v, said %q", env, got, killed, said)
		}
		if killed && said != SaidDies+"manifest.before\n" {
			t.Errorf("%s: said %q", env, said)
		}
	}
}

func TestAPointThatIsNoneEndsTheProcessAtItsStart(t *testing.T) {
	for _, env := range []string{DieAt + "=manifest", StopAt + "=manifest.before:0", DieAt + "=manifest.before:x"} {
		if said, out, state := child(t, env); state.ExitCode() != 2 || out != "" || !strings.Contains(said, "manifest") {
			t.Errorf("%s: status %d, said %q", env, state.ExitCode(), said)
		}
	}
}

func TestAnArmedProcessStandsStillAndGoesOn(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=1", StopAt+"=manifest.before:2")
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatalf("status %v, %v", status, err)
	}
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || strings.Count(stdout.String(), "passed") != 3 {
		t.Errorf("%q, %v", stdout.String(), err)
	}
}

// Each point in the source is in the list, each in the list is in the source,
// and each name stands for one place.
func TestTheListIsThatOfTheSource(t *testing.T) {
	places := map[string]int{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != root || d.Name() == "testdata") {
			if err == nil {
				err = filepath.SkipDir
			}
			return err
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			return count(path, places)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range Points() {
		if places[p.Name] != 1 {
			t.Errorf("point %s is at %d places", p.Name, places[p.Name])
		}
		if p.Between == "" {
			t.Errorf("nothing says where %s is", p.Name)
		}
		delete(places, p.Name)
	}
	for name := range places {
		t.Errorf("point %s is not in the list", name)
	}
}

func count(path string, places map[string]int) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if x, is := exprName(sel); !ok || !is || x != "diepoint" || sel.Sel.Name != "Here" {
			return true
		}
		name := "(not a literal, in " + path + ")"
		if lit, ok := call.Args[0].(*ast.BasicLit); ok {
			name, _ = strconv.Unquote(lit.Value)
		}
		places[name]++
		return true
	})
	return nil
}

func exprName(sel *ast.SelectorExpr) (string, bool) {
	if sel == nil {
		return "", false
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", false
	}
	return id.Name, true
}
