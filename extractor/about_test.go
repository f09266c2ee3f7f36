package extractor

import "testing"

func TestAFrontPageIsAURLWithoutAPath(t *testing.T) {
	for url, want := range map[string]bool{
		"":                                     false, // read from a file
		"https://a.example/":                   true,
		"https://a.example":                    true,
		"https://a.example/?page=2":            true,
		"https://a.example/index.html":         true,
		"https://a.example/2024/05/03/harbour": false,
	} {
		if frontPage(url) != want {
			t.Errorf("%q: %t", url, !want)
		}
	}
}
