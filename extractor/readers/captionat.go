package readers

import "newsreel/extractor/page"

// FromRule is the From of a picture whose caption a site rule names.
const FromRule = "site rule"

// CaptionAt is the picture of an element that is known to hold a caption: its
// image is the nearest in the elements around it that hold but one.
func CaptionAt(n *page.Node) Picture {
	p := Picture{Node: n, Text: n, From: FromRule}
	p.Caption, p.Credit = captionText(n)
	for holder, up := n, 0; holder != nil && up < 8; holder, up = holder.Parent, up+1 {
		switch images := countImages(holder); {
		case images == 0:
			continue
		case images > 1:
			if p.Image = imageBefore(n); p.Image != nil {
				readImage(&p, p.Image)
			}
			return p
		}
		p.Image = imageIn(holder)
		readImage(&p, p.Image)
		if p.Credit == "" {
			p.Credit = creditInside(holder, n)
		}
		return p
	}
	return p
}
