package archive

import (
	"errors"
	"strings"
	"testing"
)

// What a later version wrote is refused in words, whatever it looks like.
func TestWhatANewerVersionWroteIsRefused(t *testing.T) {
	manifest := func(data string) error { _, err := parseManifest("c/segments/s.json", []byte(data)); return err }
	record := func(data string) error { _, err := parseRun("c/jobs/j/1.json", []byte(data)); return err }
	tests := []struct {
		name, data string
		read       func(string) error
		newer      bool
	}{
		{"a manifest of ours", `{"format":1,"first":1,"last":2}`, manifest, false},
		{"an early manifest", `{"first":1,"last":2}`, manifest, false},
		{"a manifest with a field more", `{"format":1,"first":1,"last":2,"more":[1]}`, manifest, false},
		{"a newer manifest", `{"format":2,"software":"newsreel/9.9","first":1,"last":2}`, manifest, true},
		{"a newer manifest with other types", `{"format":3,"software":"newsreel/9.9","first":{"a":1},"objects":"none"}`, manifest, true},
		{"a record of ours", `{"format":1,"summary":{"job":"j"}}`, record, false},
		{"a newer record", `{"format":2,"software":"newsreel/9.9","summary":[1]}`, record, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.read(tt.data)
			if !tt.newer {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !errors.Is(err, ErrNewer) || errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "newsreel/9.9") ||
				!strings.Contains(err.Error(), "use that version") {
				t.Fatalf("%v", err)
			}
		})
	}
}
