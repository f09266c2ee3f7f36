package readers

import (
	"strconv"
	"strings"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
)

// isImage tells whether an element shows an image of its own: img, and AMP's
// form of it.
func isImage(n *page.Node) bool {
	return n.Tag == atom.Img || n.Tag == 0 && n.Name == "amp-img"
}

// imageIn is the first image below n, or n. One that is hidden, as previews of
// players and copies for other screens are, counts only where there is no other.
func imageIn(n *page.Node) *page.Node { return n.Find(isImage) }

// countImages counts different images below n, up to four; what stands in a
// noscript element repeats another.
func countImages(n *page.Node) int {
	count := 0
	n.Each(func(e *page.Node) bool {
		if e.Tag == atom.Noscript {
			return false
		}
		if isImage(e) {
			count++
		}
		return count <= 3
	})
	return count
}

// sourceKeys are the attributes in which pages keep an image's address until it
// is scrolled to, or that of its largest copy, which a click shows.
var sourceKeys = []struct {
	key   string
	width int
}{
	{"data-src", 1}, {"data-original", 1}, {"data-lazy-src", 1}, {"data-lazy", 1}, {"data-url", 1}, {"data-image", 1}, {"data-img-src", 1}, {"data-img", 1},
	{"data-echo", 1}, {"data-srclarge", 2}, {"data-src-large", 2}, {"data-src-medium", 1}, {"data-src-mini", 1},
	{"data-large", 2}, {"data-full", 3}, {"data-full-src", 3}, {"data-fullscreen-src", 3}, {"data-hi-res-src", 3}, {"data-original-url", 3}, {"data-orig-file", 3}, {"data-large-file", 2}, {"data-large_image", 3}, {"data-zoom-image", 3}, {"data-highres", 3},
}

// readImage takes an image's address (the largest of srcset, of the sources of
// its picture element and of the attributes that lazy loading uses), its alt text
// and its size. (HTML, images: srcset, sizes, picture)
func readImage(p *Picture, n *page.Node) {
	p.Alt = clean(n.Attr("alt"))
	p.Width, p.Height = size(n.Attr("width")), size(n.Attr("height"))
	s := sources{width: -1}
	s.consider(n.Attr("src"), 0)
	for _, k := range sourceKeys {
		if v := n.Attr(k.key); looksLikeImage(v) {
			s.consider(v, k.width)
		}
	}
	for _, key := range []string{"srcset", "data-srcset", "data-lazy-srcset", "data-original-set", "data-sizes-set"} {
		s.set(n.Attr(key))
	}
	if pic := n.Parent; pic != nil && pic.Tag == atom.Source {
		n = pic // a source element that a page did not close
	}
	if pic := n.Above(atom.Picture); pic != nil {
		for e := pic.First; e != nil; e = e.Next {
			if e.Tag == atom.Source {
				s.set(e.Attr("srcset"))
				s.set(e.Attr("data-srcset"))
			}
		}
	}
	if s.url == "" {
		s.noscript(n)
	}
	p.URL = s.url
}

// sources keeps the widest of the addresses that an image has.
type sources struct {
	url   string
	width int
}

func (s *sources) consider(url string, width int) {
	url = strings.TrimSpace(url)
	if url == "" || strings.HasPrefix(url, "data:") || strings.HasPrefix(url, "blob:") || width <= s.width {
		return
	}
	if s.url != "" && width <= 3 && placeholder(url) {
		return
	}
	s.url, s.width = url, width
}

func placeholder(url string) bool {
	return strings.Contains(url, "placeholder") || strings.Contains(url, "blank.") || strings.Contains(url, "spacer")
}

// set reads a srcset: addresses with a width (640w) or a density (2x), parted by
// commas; an address may hold commas itself.
func (s *sources) set(set string) {
	for i := 0; set != "" && i < 64; i++ {
		set = strings.TrimLeft(set, " \t\r\n,")
		end := strings.IndexAny(set, " \t\r\n")
		if end < 0 {
			s.consider(strings.TrimRight(set, ","), 4)
			return
		}
		url := set[:end]
		set = set[end:]
		if strings.HasSuffix(url, ",") {
			s.consider(strings.TrimRight(url, ","), 4)
			continue
		}
		descriptor := set
		if comma := strings.IndexByte(set, ','); comma >= 0 {
			descriptor, set = set[:comma], set[comma+1:]
		} else {
			set = ""
		}
		s.consider(url, described(strings.TrimSpace(descriptor)))
	}
}

// described is the width that a descriptor gives, in pixels; a density is taken
// as so many times ten.
func described(descriptor string) int {
	if v, ok := strings.CutSuffix(descriptor, "w"); ok {
		return size(v) + 4
	}
	if v, ok := strings.CutSuffix(descriptor, "x"); ok {
		x, _ := strconv.ParseFloat(v, 64)
		return int(min(max(x, 0), 100)*10) + 4
	}
	return 4
}

// noscript takes the address from the noscript element beside an image that a
// script is to fill.
func (s *sources) noscript(n *page.Node) {
	for up := 0; n != nil && up < 3; n, up = n.Parent, up+1 {
		for e := n.Next; e != nil; e = e.Next {
			if e.Tag != atom.Noscript {
				continue
			}
			if img := e.Find(isImage); img != nil {
				s.consider(img.Attr("src"), 0)
				s.set(img.Attr("srcset"))
				return
			}
		}
	}
}

func looksLikeImage(v string) bool {
	return v != "" && len(v) < 4096 && (strings.HasPrefix(v, "http") || strings.HasPrefix(v, "/") || strings.Contains(v, ".")) && !strings.ContainsAny(v, " {}")
}

// size is a number of pixels, 0 where it is none.
func size(s string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(s), "px"))
	if err != nil || n < 0 || n > 20000 {
		return 0
	}
	return n
}

// isPlayer tells whether an element shows a video: it holds a player, or says by
// its attributes or by what it shows (a button to play, a running time) that it
// starts one.
func isPlayer(n *page.Node) bool {
	found := n.Find(func(e *page.Node) bool {
		switch {
		case e.IsText():
			return runningTime(e.Text)
		case e.Tag == atom.Video:
			return true
		case e.Tag == atom.Iframe:
			return playerAddress(e.Attr("src")) || playerAddress(e.Attr("data-src"))
		case e.Tag == 0 && strings.HasPrefix(e.Name, "amp-"):
			return e.Name == "amp-video" || e.Name == "amp-youtube" || e.Name == "amp-brightcove" || e.Name == "amp-jwplayer" || e.Name == "amp-dailymotion"
		}
		for i := range e.Attrs {
			if a := &e.Attrs[i]; startsVideo(a.Key, a.Val) {
				return true
			}
		}
		return false
	})
	return found != nil
}

// playerAddress tells whether a frame's address is that of a video player.
func playerAddress(src string) bool {
	for _, w := range []string{"youtube", "vimeo", "dailymotion", "brightcove", "/player", "video", "jwplat"} {
		if strings.Contains(src, w) {
			return true
		}
	}
	return false
}

// startsVideo tells whether an attribute says that its element plays a video.
func startsVideo(key, value string) bool {
	switch key {
	case "data-video-id", "data-video", "data-videoid", "data-video-url", "data-video-src", "data-youtube-id":
		return value != "" && value != "false" && value != "0"
	case "itemtype":
		return strings.HasSuffix(value, "/VideoObject")
	case "class", "data-icon", "data-testid":
		if len(value) > 400 || !strings.Contains(strings.ToLower(value), "play") {
			return false
		}
		play := false
		for _, name := range strings.Fields(value) {
			page.SplitWords(name, func(w string) {
				play = play || w == "play" || w == "playbutton" || w == "playicon" || w == "playbtn" || w == "btnplay" || w == "iconplay"
			})
		}
		return play
	}
	return false
}

// runningTime tells whether a text is a video's length: 1:30, 01:02:03.
func runningTime(s string) bool {
	s = strings.TrimSpace(s)
	if len(s) < 4 || len(s) > 8 {
		return false
	}
	colons := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == ':':
			if colons++; i == 0 || i+2 >= len(s) || !digit(s[i+1]) || !digit(s[i+2]) {
				return false
			}
		case !digit(s[i]):
			return false
		}
	}
	return colons > 0 && colons < 3
}
