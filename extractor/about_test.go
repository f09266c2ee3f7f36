package extractor

import (
	"strings"
	"testing"
)

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

func TestBylinesGiveNamesAlone(t *testing.T) {
	const text = "<p>The swing bridge at Harbour Reach will close on Monday for nine weeks, the port authority said.</p><p>Lorries are to go by the ring road, and cyclists by the ferry, which will be free of charge.</p>"
	for _, c := range []struct{ name, byline, want string }{
		{"a label of a date behind the name", `<div class="byline">Par Ada Quill<br>Publié: 3 mai 2024 à 17h59</div>`, "Ada Quill"},
		{"a label of a date that nothing parts from the name", `<div class="byline"><span>אדה קוויל</span><span>פורסם: 03.05.24</span></div>`, "אדה קוויל"},
		{"a label of a date alone", `<div class="author-meta">Data actualizării: 04.05.2024 08:12</div>`, ""},
		{"a Korean reporter's title", `<div class="byline">김이다 기자</div>`, "김이다"},
		{"a Danish article, which is no French \"by\"", `<h2>De handlende er vrede</h2>`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := Extract(Page{Body: []byte("<html><body><h1>Bridge at Harbour Reach closes</h1>" + c.byline + text), URL: "https://paper.example/news/bridge"})
			if got := strings.Join(a.Authors, ", "); got != c.want {
				t.Errorf("authors %q, want %q", got, c.want)
			}
		})
	}
}
