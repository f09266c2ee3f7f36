package demo

import (
	"bytes"
	"hash/fnv"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
)

// pictures makes the photos of the world and keeps them, so that both editions
// share the bytes.
type pictures struct{ made map[string][]byte }

func newPictures() *pictures { return &pictures{made: map[string][]byte{}} }

// get is the photo of a name and size: always the same bytes for the same name,
// others for another. The format follows the name's end: .jpg, .png, .gif.
func (p *pictures) get(name string, width, height int) (data []byte, typ string) {
	switch {
	case strings.HasSuffix(name, ".png"):
		typ = "image/png"
	case strings.HasSuffix(name, ".gif"):
		typ = "image/gif"
	default:
		typ = "image/jpeg"
	}
	if b := p.made[name]; b != nil {
		return b, typ
	}
	img := landscape(name, width, height)
	var out bytes.Buffer
	switch typ {
	case "image/png":
		png.Encode(&out, img)
	case "image/gif":
		gif.Encode(&out, img, &gif.Options{NumColors: 32})
	default:
		jpeg.Encode(&out, img, &jpeg.Options{Quality: 72})
	}
	p.made[name] = out.Bytes()
	return out.Bytes(), typ
}

// landscape paints a sky, a sun and three ranges of hills from the name.
func landscape(name string, width, height int) image.Image {
	h := fnv.New64a()
	h.Write([]byte(name))
	rnd := rand.New(rand.NewPCG(h.Sum64(), 7))
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	sky := color.RGBA{uint8(90 + rnd.IntN(140)), uint8(120 + rnd.IntN(100)), uint8(150 + rnd.IntN(100)), 255}
	sunX, sunY, sunR := rnd.IntN(width), rnd.IntN(height/2), 6+rnd.IntN(height/6)
	for y := range height {
		fade := uint8(y * 60 / height)
		for x := range width {
			c := color.RGBA{sky.R - fade/2, sky.G - fade/3, sky.B - fade, 255}
			if dx, dy := x-sunX, y-sunY; dx*dx+dy*dy < sunR*sunR {
				c = color.RGBA{250, 236, uint8(150 + fade), 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	for i := range 3 {
		hill(img, rnd, height/2+i*height/7, color.RGBA{uint8(30 + rnd.IntN(90)), uint8(60 + rnd.IntN(90)), uint8(30 + rnd.IntN(60)), 255})
	}
	return img
}

// hill fills what lies under a wandering ridge.
func hill(img *image.RGBA, rnd *rand.Rand, ridge int, c color.RGBA) {
	b := img.Bounds()
	for x := range b.Dx() {
		ridge += rnd.IntN(5) - 2
		for y := max(ridge, 0); y < b.Dy(); y++ {
			img.SetRGBA(x, y, c)
		}
	}
}
