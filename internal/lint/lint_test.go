// Package lint holds the rules of the tree that a compiler does not know: which
// way dependencies point, which calls are banned and why, and that no package
// keeps state of its own.
package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "newsreel/"

// roles never import each other: what passes between them is a message or an
// object.
var roles = []string{"crawler", "extractor", "archiver", "gateway"}

type file struct {
	path string // slash-separated, from the root of the module
	dir  string
	ast  *ast.File
	fset *token.FileSet
}

func sources(t *testing.T) []file {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var files []file
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		files = append(files, file{path: rel, dir: filepath.ToSlash(filepath.Dir(rel)), ast: parsed, fset: fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d files found", len(files))
	}
	return files
}

func (f file) imports() (list []string) {
	for _, spec := range f.ast.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		list = append(list, path)
	}
	return list
}

// ours returns the first folder of an import of this module, "" for others.
func ours(path string) string {
	rest, ok := strings.CutPrefix(path, module)
	if !ok {
		return ""
	}
	first, _, _ := strings.Cut(rest, "/")
	return first
}

func isRole(name string) bool {
	for _, r := range roles {
		if r == name {
			return true
		}
	}
	return false
}

func TestDependenciesPointOneWay(t *testing.T) {
	for _, f := range sources(t) {
		top, _, _ := strings.Cut(f.dir, "/")
		for _, path := range f.imports() {
			to := ours(path)
			if to == "" || to == top {
				continue
			}
			switch {
			case isRole(top) && isRole(to):
				t.Errorf("%s: role %s imports role %s", f.path, top, to)
			case top == "warc", top == "article", top == "capture":
				t.Errorf("%s: %s imports nothing of ours, and it imports %s", f.path, top, path)
			case (top == "stream" || top == "job" || top == "archive") && isRole(to):
				t.Errorf("%s: %s lies below the roles, and it imports %s", f.path, top, path)
			case to == "cmd" || to == "bench" || to == "chaos":
				t.Errorf("%s imports a program, %s", f.path, path)
			case strings.HasPrefix(path, module+"internal/local") && top != "cmd" && top != "bench" && top != "internal":
				t.Errorf("%s: what puts the roles together lies above them", f.path)
			}
		}
	}
}

// bans are selectors that must not be used below a folder, and why.
var bans = []struct{ dir, pkg, name, why string }{
	{"", "os", "Chdir", "the S3 server uses relative paths for ever; relative paths of the whole program would change their meaning"},
	{"crawler", "http", "Transport", "it repeats requests by itself, loses pages that browsers show, and hides the bytes"},
	{"crawler", "http", "DefaultClient", "it follows redirects and knows no address guard"},
	{"crawler", "http", "Get", "it follows redirects and knows no address guard"},
	{"crawler", "", "Visit", "Request.Visit goes around the frontier"},
	{"crawler", "", "SetProxy", "it replaces our transport"},
	{"crawler", "", "SetStorage", "it brings the cookie jar back"},
}

func TestBannedCalls(t *testing.T) {
	for _, f := range sources(t) {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg := ""
			if id, ok := sel.X.(*ast.Ident); ok {
				pkg = id.Name
			}
			for _, b := range bans {
				if sel.Sel.Name == b.name && (b.pkg == "" || b.pkg == pkg) && strings.HasPrefix(f.dir+"/", b.dir) {
					t.Errorf("%s: %s is banned here: %s", f.fset.Position(sel.Pos()), b.name, b.why)
				}
			}
			return true
		})
	}
}

// stateful are the package variables that stand for what is one per process in
// a library, and cannot be held otherwise.
var stateful = map[string]string{
	"internal/embedded/s3.go": "the S3 gateway inside a process is one, and changes its working directory",
}

// TestNoPackageState finds package variables that are assigned to, or that are
// locks, pools and the like. Tables that never change are fine.
func TestNoPackageState(t *testing.T) {
	byDir := map[string][]file{}
	for _, f := range sources(t) {
		byDir[f.dir] = append(byDir[f.dir], f)
	}
	for _, files := range byDir {
		vars := map[string]token.Position{}
		for _, f := range files {
			for _, d := range f.ast.Decls {
				g, ok := d.(*ast.GenDecl)
				if !ok || g.Tok != token.VAR {
					continue
				}
				for _, s := range g.Specs {
					v := s.(*ast.ValueSpec)
					if sel, ok := v.Type.(*ast.SelectorExpr); ok {
						if x, ok := sel.X.(*ast.Ident); ok && (x.Name == "sync" || x.Name == "atomic") && stateful[f.path] == "" {
							t.Errorf("%s: package variable of type %s.%s", f.fset.Position(v.Pos()), x.Name, sel.Sel.Name)
						}
					}
					for _, name := range v.Names {
						if name.Name != "_" {
							vars[name.Name] = f.fset.Position(name.Pos())
						}
					}
				}
			}
		}
		for _, f := range files {
			assigned(t, f, vars)
		}
	}
}

// assigned reports assignments to package variables. A local variable of the
// same name, declared anywhere in the function, hides it.
func assigned(t *testing.T, f file, vars map[string]token.Position) {
	for _, d := range f.ast.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		local := map[string]bool{}
		declare := func(list *ast.FieldList) {
			if list == nil {
				return
			}
			for _, field := range list.List {
				for _, name := range field.Names {
					local[name.Name] = true
				}
			}
		}
		declare(fn.Recv)
		ast.Inspect(fn, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncType:
				declare(n.Params)
				declare(n.Results)
			case *ast.AssignStmt:
				if n.Tok == token.DEFINE {
					for _, l := range n.Lhs {
						if id, ok := l.(*ast.Ident); ok {
							local[id.Name] = true
						}
					}
				}
			case *ast.RangeStmt:
				for _, e := range []ast.Expr{n.Key, n.Value} {
					if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
						local[id.Name] = true
					}
				}
			case *ast.ValueSpec:
				for _, name := range n.Names {
					local[name.Name] = true
				}
			}
			return true
		})
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, l := range n.Lhs {
					if name := rootName(l); name != "" && !local[name] {
						if _, ok := vars[name]; ok {
							t.Errorf("%s: package variable %s is assigned to", f.fset.Position(n.Pos()), name)
						}
					}
				}
			case *ast.IncDecStmt:
				if name := rootName(n.X); name != "" && !local[name] {
					if _, ok := vars[name]; ok {
						t.Errorf("%s: package variable %s is changed", f.fset.Position(n.Pos()), name)
					}
				}
			}
			return true
		})
	}
}

// rootName is the variable that an assignable expression lies in.
func rootName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.IndexExpr:
		return rootName(e.X)
	case *ast.SelectorExpr:
		return rootName(e.X)
	case *ast.StarExpr:
		return rootName(e.X)
	case *ast.ParenExpr:
		return rootName(e.X)
	}
	return ""
}
