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
		gif.Encode(&out, img, nil)
	default:
		jpeg.Encode(&out, inColour(img), &jpeg.Options{Quality: 72})
	}
	p.made[name] = out.Bytes()
	return out.Bytes(), typ
}

// landscape paints a sky, a sun and three ranges of hills from the name. The
// palette is 60 shades of sky, then the sun, then the hills.
func landscape(name string, width, height int) *image.Paletted {
	h := fnv.New64a()
	h.Write([]byte(name))
	rnd := rand.New(rand.NewPCG(h.Sum64(), 7))
	r, g, b := 90+rnd.IntN(140), 120+rnd.IntN(100), 150+rnd.IntN(100)
	var palette color.Palette
	for fade := range skies {
		palette = append(palette, color.RGBA{uint8(r - fade/2), uint8(g - fade/3), uint8(b - fade), 255})
	}
	palette = append(palette, color.RGBA{250, 236, 170, 255})
	for range 3 {
		palette = append(palette, color.RGBA{uint8(30 + rnd.IntN(90)), uint8(60 + rnd.IntN(90)), uint8(30 + rnd.IntN(60)), 255})
	}
	img := image.NewPaletted(image.Rect(0, 0, width, height), palette)
	sunX, sunY, sunR := rnd.IntN(width), rnd.IntN(height/2), 6+rnd.IntN(height/6)
	for y := range height {
		row := img.Pix[y*img.Stride:][:width]
		for x := range row {
			row[x] = uint8(y * skies / height)
			if dx, dy := x-sunX, y-sunY; dx*dx+dy*dy < sunR*sunR {
				row[x] = skies
			}
		}
	}
	for i := range 3 {
		hill(img, rnd, height/2+i*height/7, uint8(skies+1+i))
	}
	return img
}

// skies is the number of shades of the sky.
const skies = 60

// hill fills what lies under a wandering ridge.
func hill(img *image.Paletted, rnd *rand.Rand, ridge int, shade uint8) {
	b := img.Bounds()
	for x := range b.Dx() {
		ridge += rnd.IntN(5) - 2
		for y := max(ridge, 0); y < b.Dy(); y++ {
			img.Pix[y*img.Stride+x] = shade
		}
	}
}

// inColour is the same picture for the JPEG encoder, which is slow on palettes.
func inColour(img *image.Paletted) *image.RGBA {
	out := image.NewRGBA(img.Bounds())
	for i, shade := range img.Pix {
		c := img.Palette[shade].(color.RGBA)
		out.Pix[4*i], out.Pix[4*i+1], out.Pix[4*i+2], out.Pix[4*i+3] = c.R, c.G, c.B, c.A
	}
	return out
}
