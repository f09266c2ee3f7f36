package rules

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// maxRules bounds the rules of a folder.
const maxRules = 10_000

// Load reads the rules of a folder, and of the folders in it: the files that end
// in .yaml or .yml, in the order of their paths. Faults are Errors, of all files
// at once. Folders and files that begin with a dot, and folders named testdata,
// are left out.
func Load(dir string) (*Set, error) {
	files, err := ruleFiles(dir)
	if err != nil {
		return nil, err
	}
	return load(files)
}

// ruleFiles are the files of a folder's rules in order, or the one file that dir
// is.
func ruleFiles(dir string) ([]string, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("site rules: %w", err)
	} else if !info.IsDir() {
		return []string{dir}, nil
	}
	// WalkDir does not follow a link, and a folder of rules may well be one.
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, fmt.Errorf("site rules: %w", err)
	}
	var files []string
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path == root {
			return nil
		}
		hidden := strings.HasPrefix(d.Name(), ".")
		if d.IsDir() {
			if hidden || d.Name() == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		if ext := strings.ToLower(filepath.Ext(path)); !hidden && (ext == ".yaml" || ext == ".yml") {
			files = append(files, filepath.Join(dir, path[len(root):]))
		}
		if len(files) > maxRules {
			return fmt.Errorf("more than %d rules", maxRules)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("site rules: %s: %w", dir, err)
	}
	slices.Sort(files)
	return files, nil
}

func load(files []string) (*Set, error) {
	var list []*Rule
	var faults Errors
	named := map[string]string{}
	for _, file := range files {
		data, err := readFile(file)
		if err != nil {
			return nil, fmt.Errorf("site rules: %w", err)
		}
		r, err := Parse(file, data)
		if err != nil {
			var e Errors
			if !errors.As(err, &e) {
				return nil, err
			}
			faults = append(faults, e...)
			continue
		}
		if other, twice := named[r.Name]; twice {
			faults = append(faults, Error{File: file, Key: "name", Text: fmt.Sprintf("%s is also the rule of %s", r.Name, other)})
			continue
		}
		named[r.Name] = file
		list = append(list, r)
	}
	if len(faults) > 0 {
		return nil, faults[:min(len(faults), 10*maxErrors)]
	}
	return NewSet(list), nil
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxBytes+1))
}

// Folder is a folder of rules that can be read again while it is in use. It is
// safe for concurrent use.
type Folder struct {
	dir   string
	now   atomic.Pointer[Set]
	again sync.Mutex
}

// Open reads a folder as Load does.
func Open(dir string) (*Folder, error) {
	set, err := Load(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{dir: dir}
	f.now.Store(set)
	return f, nil
}

// Rules are those of the last reading without a fault.
func (f *Folder) Rules() *Set { return f.now.Load() }

// For is the rule for a page's address, or nil.
func (f *Folder) For(address string) *Rule { return f.Rules().For(address) }

// Reload reads the folder again and tells whether anything is different. With
// an error, as of Load, the rules stay as they were.
func (f *Folder) Reload() (changed bool, err error) {
	f.again.Lock()
	defer f.again.Unlock()
	set, err := Load(f.dir)
	if err != nil {
		return false, err
	}
	same := slices.EqualFunc(set.rules, f.Rules().rules, func(a, b *Rule) bool {
		return a.File == b.File && string(a.source) == string(b.source)
	})
	if same {
		return false, nil
	}
	f.now.Store(set)
	return true, nil
}
