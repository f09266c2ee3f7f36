package job

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// What one document may pull in from its seed files.
const (
	maxSeedFileBytes = 16 << 20
	maxSeeds         = 100_000
)

type opener func(path string) (*os.File, error)

// readAtMost reads to the end or to the limit, whichever comes first.
func readAtMost(from io.Reader, limit int64) ([]byte, error) {
	return io.ReadAll(io.LimitReader(from, limit))
}

// readSeedFiles moves the URLs of seeds.files to seeds.urls, without what is
// there already, and leaves seeds.files empty.
func (r *reader) readSeedFiles(open opener) {
	files := r.doc.Seeds.Files
	r.doc.Seeds.Files = nil
	known := make(map[string]bool, len(r.doc.Seeds.URLs))
	for _, url := range r.doc.Seeds.URLs {
		known[url] = true
	}
	for i, name := range files {
		at := r.doc.origins[fmt.Sprintf("seeds.files[%d]", i)]
		if open == nil {
			r.fault(at.line, "seeds.files", "files beside the document are not read here; list their URLs under seeds.urls")
			return
		}
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(r.file), path)
		}
		if err := r.readSeedFile(open, path, known); err != nil {
			r.fault(at.line, fmt.Sprintf("seeds.files[%d]", i), "%s", err)
		}
	}
}

func (r *reader) readSeedFile(open opener, path string, known map[string]bool) error {
	file, err := open(path)
	if err != nil {
		var bad *os.PathError
		if errors.As(err, &bad) {
			return fmt.Errorf("read %s: %w", clip(path), bad.Err)
		}
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("read %s: not a regular file", clip(path))
	}
	if info.Size() > maxSeedFileBytes {
		return fmt.Errorf("read %s: larger than %s", clip(path), Bytes(maxSeedFileBytes))
	}
	lines := bufio.NewScanner(io.LimitReader(file, maxSeedFileBytes))
	lines.Buffer(nil, maxSeedFileBytes)
	for number := 1; lines.Scan(); number++ {
		text := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if text == "" || strings.HasPrefix(text, "#") || known[text] {
			continue
		}
		if len(known) >= maxSeeds {
			return fmt.Errorf("%s:%d: more than %d seeds", path, number, maxSeeds)
		}
		known[text] = true
		r.doc.origins[fmt.Sprintf("seeds.urls[%d]", len(r.doc.Seeds.URLs))] = origin{file: path, line: number}
		r.doc.Seeds.URLs = append(r.doc.Seeds.URLs, text)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read %s: %w", clip(path), err)
	}
	return nil
}
