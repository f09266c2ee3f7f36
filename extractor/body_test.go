package extractor

import "testing"

func TestWhoIntroducesAnAuthor(t *testing.T) {
	names := []string{"Ada Quill"}
	for text, want := range map[string]bool{
		"Ada Quill writes about harbours and lives above one.":                     true,
		"By Ada Quill, who has covered the coast for ten years.":                   true,
		"Ada Quill contributed to this report.":                                    false,
		"“We were asked last,” said Ada Quill, who has fished here since 1994.":    false,
		"«Nadie nos dijo nada», dice Ada Quill, que vive aquí desde 2011.":         false,
		"The last word on the matter belongs to the council, which meets in June.": false,
	} {
		if got := introduces(text, names); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
